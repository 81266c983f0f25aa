"""What is typed by habit, and the help of `paxx` itself."""

import pytest

from paxx import cli
from paxx.cli import tasks
from tests.harness import Run


def test_every_command_has_one_task() -> None:
    listed = [name for names in tasks._TASKS.values() for name in names]
    assert sorted(listed) == sorted(cli.paxx.commands)


@pytest.mark.parametrize("word", ["new", "init", "add", "upgrade"])
def test_a_word_of_another_tool_suggests_the_command(run: Run, word: str) -> None:
    outcome = run(word)
    assert outcome.code == 2
    assert outcome.stderr.splitlines() == [
        f"error: no such command '{word}'",
        f"hint: did you mean `paxx {tasks.MEANT[word]}`?",
    ]


def test_an_unknown_word_leads_to_the_help(run: Run) -> None:
    assert "hint: `paxx --help` shows what there is" in run("frobnicate").stderr


def test_help_is_a_command_as_well(run: Run) -> None:
    assert run("help").stdout == run("--help").stdout
    assert run("help", "infra", "add").stdout == run("infra", "add", "--help").stdout


def test_the_version_has_a_short_option(run: Run) -> None:
    assert run("-V").stdout == run("--version").stdout


def test_help_lists_commands_by_task(run: Run) -> None:
    lines = run("--help").stdout.splitlines()
    headings = [line for line in lines if line.rstrip(":") in tasks._TASKS]
    assert [line.rstrip(":") for line in headings] == list(tasks._TASKS)
