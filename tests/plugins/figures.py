"""Print what tests counted: the properties that they recorded, in the summary of the run."""

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the figures of every test that has some; they come from the workers, too."""
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {value} {name}"
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
    ]
    if lines:
        terminalreporter.section("figures")
        for line in sorted(lines):
            terminalreporter.line(line)
