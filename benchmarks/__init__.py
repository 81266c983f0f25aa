"""Benchmarks: ratios against a reference in the same run; `python3 dev.py bench` runs them all."""
