"""The demonstration behind `python3 dev.py demo`."""
