"""Internals of core/ws.py."""
