"""Internals of core/geo.py."""
