"""Medians and ratios as a Markdown table."""

from collections.abc import Mapping, Sequence
from statistics import median


def render(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [heading, ["--"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def medians(rounds: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of each contender."""
    return {name: median(values) for name, values in rounds.items()}


def ratio(rounds: Mapping[str, Sequence[float]], name: str, reference: str) -> float:
    """Return the median over rounds of one contender divided by the reference of that round.

    Both ran in the same round, so what slows the machine down for a while slows both.
    """
    pairs = zip(rounds[name], rounds[reference], strict=True)
    return median(value / other for value, other in pairs)
