"""Internals of core/arq.py and core/tasks.py."""
