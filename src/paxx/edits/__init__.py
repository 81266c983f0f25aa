"""Edits of single files: text in, outcome out. An editor is loaded when its first edit is made."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def function(name: str) -> Callable[..., Any]:
    """Return the function with a name such as `python.add_item`."""
    module, _, attribute = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"paxx.edits.{module}"), attribute)
    return found


def inverse_of(name: str) -> Callable[..., Any] | None:
    """Return the function that takes out again what the named one adds, with its arguments.

    None for an edit that replaces: only what was recorded of the file can undo it.
    """
    module, _, attribute = name.rpartition(".")
    _, is_addition, what = attribute.partition("add_")
    return function(f"{module}.remove_{what}") if is_addition else None
