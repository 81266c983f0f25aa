"""Internals of core/metrics.py and core/tracing.py."""
