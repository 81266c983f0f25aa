"""The tasks of `dev.py`, with the standard library alone: it runs on a fresh machine."""
