"""Internals of core/cache.py."""
