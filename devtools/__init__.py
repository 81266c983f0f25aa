"""What `dev.py` needs on a fresh machine; the standard library only."""
