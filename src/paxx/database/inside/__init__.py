"""Run by the interpreter of a project: drives Alembic there, and tells what comes of it.

Needs nothing but the standard library and what the project has, and imports nothing else of paxx
but what the doctor's probe keeps secrets with.
"""
