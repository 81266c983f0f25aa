"""Run by the interpreter of a project: finds out what only the project itself can tell.

Needs nothing but the standard library and what the project has, and imports nothing else of paxx.
"""
