#!/usr/bin/env python3
"""Run a development task on a machine that has Python 3.11 or newer, git and a package index.

The task runs in the checkout's own `.venv`. uv comes from PATH or, once, from the package index
into `.cache/tools`; nothing is installed outside the checkout.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if sys.version_info < (3, 11):  # noqa: UP036  whoever has less learns it here
    sys.exit("error: this needs Python 3.11 or newer\nhint: `python3.11 dev.py …`, if that exists")

from devtools.environment import PYTHON, ROOT, configure, program, run, synchronise
from devtools.uv import find_uv, install_uv

if TYPE_CHECKING:
    from collections.abc import Callable

Command = list[str]


def demo(words: list[str]) -> list[Command]:
    """Bootstrap a project, add redis and metrics, run it and show it (--exit, --directory DIR)."""
    return [[PYTHON, "-m", "demo", *words]]


def test(words: list[str]) -> list[Command]:
    """Run the tests that a change needs; --quick, --nightly or pytest's arguments for others."""
    return [[PYTHON, "-m", "devtools.tiers", *words]]


def lint(_: list[str]) -> list[Command]:
    """Check style, import layers, workflows and limits."""
    workflows = sorted(str(path) for path in ROOT.glob(".github/workflows/*.yml"))
    schema = [program("check-jsonschema"), "--builtin-schema"]
    return [
        [program("ruff"), "check", "."],
        [program("ruff"), "format", "--check", "."],
        [program("lint-imports")],
        [program("zizmor"), "--offline", "--quiet", ".github"],
        [*schema, "vendor.github-workflows", *workflows],
        [*schema, "vendor.dependabot", ".github/dependabot.yml"],
        *limits([]),
    ]


def prose(words: list[str]) -> list[Command]:
    """List the findings of the prose check in PATH…, by default in all files."""
    return [[PYTHON, "-m", "devtools.prose", *words]]


def limits(words: list[str]) -> list[Command]:
    """Check the counts of devtools/limits.toml (--lower: lower those that have fallen)."""
    return [[PYTHON, "-m", "devtools.limits", *words]]


def types(_: list[str]) -> list[Command]:
    """Check types."""
    return [[program("mypy")]]


def check(words: list[str]) -> list[Command]:
    """Lint, types and test."""
    return [*lint([]), *types([]), *test(words)]


def bench(words: list[str]) -> list[Command]:
    """Run the benchmarks and print their table."""
    return [[PYTHON, "-m", "benchmarks", *words]]


def instructions(_: list[str]) -> list[Command]:
    """Count the instructions of the commands with valgrind, against devtools/limits.toml."""
    return [[PYTHON, "-m", "benchmarks.commands", "--instructions"]]


def fresh(words: list[str]) -> list[Command]:
    """Test generated projects on the newest and the lowest releases that resolve today."""
    return [[PYTHON, "-m", "pytest", "-m", "", "-k", "fresh_resolve", *words]]


def mutants(words: list[str]) -> list[Command]:
    """Check that a test fails for each mutation in devtools/mutants.toml (NAME…, --table)."""
    return [[PYTHON, "-m", "devtools.mutants", *words]]


TASKS: dict[str, Callable[[list[str]], list[Command]]] = {
    task.__name__: task
    for task in (
        *(demo, test, lint, prose, limits, mutants, types, check, bench, instructions, fresh),
    )
}


def main() -> None:
    """Prepare the environment, run the task's commands and become the last of them."""
    task = TASKS.get(sys.argv[1] if len(sys.argv) > 1 else "")
    if task is None:
        print(usage())  # noqa: T201
        sys.exit(0 if sys.argv[1:] in (["--help"], ["-h"]) else 2)
    os.chdir(ROOT)
    configure()
    synchronise(find_uv() or install_uv())
    *first, last = task(sys.argv[2:])
    for command in first:
        run(command)
    os.execv(last[0], last)  # noqa: S606  signals then reach the task itself


def usage() -> str:
    """Return the help text, one line for each task."""
    lines = [f"  {name:13}{task.__doc__}" for name, task in TASKS.items()]
    return "\n".join(["usage: python3 dev.py TASK [ARGUMENT…]", "", *lines])


if __name__ == "__main__":
    main()
