"""Internals of core/storage.py."""
