"""How a command runs: what the user chose on the command line."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

During = Callable[[str], AbstractContextManager[None]]
"""Shows which command runs, for as long as it does."""

Confirm = Callable[[tuple[str, ...]], bool]
"""Asks whether to add the components of these names as well."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a command.

    `preview` plans and writes nothing, `strict` refuses a plan that leaves something to the user.
    `sync` runs uv, `git` makes a repository. `requires` brings in the components that the
    requested ones need, after `confirm` agreed; `cascade` takes out those that need what is
    removed, `force` removes what code still uses. `settles` is for a command that ends an upgrade
    which waits for its conflicts: the others refuse as long as there is one. `during` is told of
    each program that runs afterwards.
    """

    preview: bool = False
    sync: bool = True
    git: bool = True
    allow_dirty: bool = False
    strict: bool = False
    requires: bool = True
    cascade: bool = False
    force: bool = False
    settles: bool = False
    confirm: Confirm = lambda _: False
    during: During = lambda _: nullcontext()
