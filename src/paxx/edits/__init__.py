"""Edits of single files: text in, outcome out. An editor is loaded when its first edit is made."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def function(name: str) -> Callable[..., Any]:
    """Return the function with a name such as `python.add_item`."""
    module, _, attribute = name.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"paxx.edits.{module}"), attribute)
    return found
