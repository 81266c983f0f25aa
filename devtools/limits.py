"""Limits of `limits.toml`: what the repository may hold, and how long a tier of tests may take."""

from __future__ import annotations

import math
import re
import sys
import tomllib
from typing import Any

from devtools import prose
from devtools.environment import ROOT, tracked_files

LIMITS = ROOT / "devtools" / "limits.toml"
FIGURE = re.compile(r"^(\w+)( *= *)([\d_]+)", re.MULTILINE)
TITLES = {
    "files": "files in the repository",
    "src_lines": "lines in src",
    "tests_lines": "lines in tests",
    "prose_findings": "findings of the prose check",
}
RAISE = "remove some, or raise `{}` in devtools/limits.toml in a commit that gives the reason"
LOWER = "run `python3 dev.py limits --lower` to lower the limits"
HINTS = {"prose_findings": "run `python3 dev.py prose` to list them"}
SLOW_HINT = "pass `--durations=20` to pytest to find the slowest tests"


def load() -> dict[str, Any]:
    """Return the content of `limits.toml`."""
    return tomllib.loads(LIMITS.read_text(encoding="utf-8"))


def measure() -> dict[str, int]:
    """Return the counts of this checkout by their keys in `limits.toml`."""
    return {
        "files": len(tracked_files()),
        "src_lines": _lines_in("src"),
        "tests_lines": _lines_in("tests"),
        "prose_findings": len(prose.check()),
    }


def _lines_in(folder: str) -> int:
    return sum((ROOT / path).read_bytes().count(b"\n") for path in tracked_files(folder))


def errors(counts: dict[str, int], limits: dict[str, int]) -> list[str]:
    """Return an error for each count that is above its limit."""
    return [
        _error(TITLES[key], count, limits[key], HINTS.get(key, RAISE.format(key)))
        for key, count in counts.items()
        if count > limits[key]
    ]


def improvements(counts: dict[str, int], limits: dict[str, int]) -> list[str]:
    """Return a line for each count that is below its limit."""
    return [
        f"{TITLES[key]}: {count:,}, limit {limits[key]:,}"
        for key, count in counts.items()
        if count < limits[key]
    ]


def lower(text: str, counts: dict[str, int]) -> str:
    """Return the text of `limits.toml` with the lower figure of each limit and its count."""

    def lowered(figure: re.Match[str]) -> str:
        key, equals, limit = figure.groups()
        return f"{key}{equals}{min(int(limit), counts.get(key, int(limit))):_}"

    return FIGURE.sub(lowered, text)


def tier_error(tier: str, wall_seconds: float, cpu_seconds: float) -> str | None:
    """Return the error of a tier that took longer than it may, or None."""
    limits = load()["seconds"][tier]
    for clock, seconds in (("wall", wall_seconds), ("CPU", cpu_seconds)):
        limit = limits[clock.lower()]
        if seconds > limit:
            return _error(
                f"{clock} seconds of the {tier} tests", math.ceil(seconds), limit, SLOW_HINT
            )
    return None


def _error(what: str, found: int, limit: int, hint: str) -> str:
    return f"error: {what}: {found:,}, limit {limit:,}\nhint: {hint}"


def main() -> None:
    """Exit with 1 if a count is above its limit; with `--lower`, lower the limits first."""
    counts = measure()
    if sys.argv[1:] == ["--lower"]:
        LIMITS.write_text(lower(LIMITS.read_text(encoding="utf-8"), counts), encoding="utf-8")
    limits = load()["counts"]
    if better := improvements(counts, limits):
        print(*better, LOWER, sep="\n")  # noqa: T201
    if worse := errors(counts, limits):
        sys.exit("\n".join(worse))


if __name__ == "__main__":
    main()
