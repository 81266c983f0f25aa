"""Examine a project, its environment and its services; nothing is changed."""
