"""What hands do to a project between two commands, and how to tell what a command did."""

import subprocess
from pathlib import Path

from tests.harness import Outcome, Shop, changed_lines

EDITED = ("settings.py", "wiring.py", "pyproject.toml", "docker-compose.yml", ".env.example")
"""The files of the user that adding redis edits."""


def replace(shop: Shop, path: str, old: str, new: str) -> None:
    """Replace the first occurrence, which has to be there."""
    text = (shop / path).read_text()
    assert old in text
    (shop / path).write_text(text.replace(old, new, 1))


def added(shop: Shop, path: str, *names: str) -> list[str]:
    """Add components, and return the lines that came to the file; none may go."""
    before = (shop / path).read_bytes()
    outcome = shop.add(*(names or ("redis",)))
    assert outcome.code == 0, outcome
    gone, came = changed_lines(before, (shop / path).read_bytes())
    assert not gone
    return [line.decode().strip() for line in came]


def refused(shop: Shop, message: str, code: int, *names: str) -> None:
    """Add components, which has to fail with the message and change nothing."""
    before = shop.tree()
    outcome = shop.add(*(names or ("redis",)))
    assert outcome.code == code, outcome
    assert message in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert shop.tree() == before


def manual(shop: Shop, path: str, snippet: str) -> Outcome:
    """Add redis, which has to leave this file to the user and show what goes into it."""
    before = (shop / path).read_bytes()
    outcome = shop.add("redis")
    assert outcome.code == 5, outcome
    assert snippet in outcome.stdout
    assert (shop / path).read_bytes() == before
    return outcome


def unchanged_by_a_second_time(shop: Shop, *names: str) -> None:
    """Add components that are there already."""
    before = shop.tree()
    outcome = shop.add(*(names or ("redis",)))
    assert outcome.code == 0, outcome
    assert "nothing to do" in outcome.stdout
    assert shop.tree() == before


def git(directory: Path, *arguments: str) -> str:
    """Run git as somebody."""
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org")
    command = ["git", *identity, "-c", "protocol.file.allow=always", *arguments]
    result = subprocess.run(command, cwd=directory, check=True, capture_output=True, text=True)
    return result.stdout


def commit_all(directory: Path) -> None:
    """Make the directory a repository in which everything is committed."""
    git(directory, "init", "--quiet", "--initial-branch=main")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "-m", "all")
