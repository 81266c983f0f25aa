"""Rooms and nights."""

__version__ = "0.3.0"
