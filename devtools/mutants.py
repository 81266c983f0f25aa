"""Check that a test fails for each mutation in `devtools/mutants.toml`."""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from dataclasses import dataclass

from devtools.checkout_copy import CheckoutCopy, temporary_folder
from devtools.environment import ROOT

LIST = ROOT / "devtools" / "mutants.toml"
HEADER = "| mutant | file | caught by | tier | seconds |\n|--|--|--|--|--:|"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mutation, and the pytest arguments that select the tests that fail with it.

    With `project` they are shipped tests or checks, which run in a generated project.
    """

    name: str
    file: str
    before: str
    after: str
    caught_by: list[str]
    tier: str
    reason: str
    project: bool = False

    def row(self, seconds: str) -> str:
        """Return its row of the table."""
        tests = ", ".join(f"`{each}`" for each in self.caught_by)
        return f"| {self.name} | `{self.file}` | {tests} | {self.tier} | {seconds} |"


def load() -> list[Mutant]:
    """Return the mutants of the list."""
    return [Mutant(**each) for each in tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]]


def problem_with(mutant: Mutant, copy: CheckoutCopy) -> str:
    """Return why a mutant is not caught, nothing when it is."""
    text = (copy.root / mutant.file).read_text(encoding="utf-8")
    if (count := text.count(mutant.before)) != 1:
        return f"`before` occurs {count} times in `{mutant.file}`"
    done = copy.test(mutant.caught_by, copy.original_project if mutant.project else None)
    if done.returncode != 0:
        return f"a named test fails without the mutation\n{done.stdout}"
    with copy.changed(mutant.file, text.replace(mutant.before, mutant.after)):
        project = copy.make_project("mutated") if mutant.project else None
        done = copy.test(mutant.caught_by, project)
    if done.returncode == 1:
        return ""
    failure = f"pytest ended with code {done.returncode}\n{done.stdout}"
    return failure if done.returncode else "survived"


def main(words: list[str]) -> int:
    """Apply the mutations that are named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="dev.py mutants", description="Check that a test fails for each mutation."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutant (default: all)")
    parser.add_argument("--table", action="store_true", help="print the table of docs/testing.md")
    options = parser.parse_args(words)
    known = {each.name: each for each in load()}
    if unknown := {*options.names} - {*known}:
        parser.error(f"unknown mutant `{min(unknown)}`")
    rows, problems = [HEADER], 0
    with temporary_folder() as folder:
        copy = CheckoutCopy.create(ROOT, folder / "checkout")
        for mutant in (known[name] for name in options.names or known):
            started = time.monotonic()
            problem = problem_with(mutant, copy)
            seconds = f"{time.monotonic() - started:.1f}"
            _report(f"{seconds:>6} s  {mutant.name}: {problem or 'caught'}")
            rows.append(mutant.row(seconds))
            problems += bool(problem)
    _report(f"{len(rows) - 1 - problems} caught, {problems} not caught")
    if options.table:
        print(*rows, sep="\n")  # noqa: T201
    return 1 if problems else 0


def _report(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
