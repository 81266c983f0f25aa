"""Print what tests counted: the properties that they recorded, in the summary of the run."""

from collections import Counter

import pytest

ADDED_UP = "total "
"""What a name begins with whose figures are added up over all cases of a test function."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the figures of every test that has some; they come from the workers, too."""
    figures = [
        (report.nodeid.rpartition("::")[2], name, value)
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
    ]
    lines = [f"{test}: {value} {name}" for test, name, value in figures if not _is_added_up(name)]
    totals: Counter[tuple[str, str]] = Counter()
    for test, name, value in figures:
        if _is_added_up(name):
            totals[test.partition("[")[0], name.removeprefix(ADDED_UP)] += value
    lines += [f"{test}: {value} {name}" for (test, name), value in totals.items()]
    if lines:
        terminalreporter.section("figures")
        for line in sorted(lines):
            terminalreporter.line(line)


def _is_added_up(name: str) -> bool:
    return name.startswith(ADDED_UP)
