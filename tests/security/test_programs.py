"""docs/security.md says which commands start which programs, and no others are started."""

import re
import shutil
from pathlib import Path

import pytest

from paxx.doctor import listeners
from tests.cases.by_hand import commit_all
from tests.harness import Shop
from tests.security.test_commands import COMMANDS
from tests.security.watching import watched

pytestmark = pytest.mark.integration

PAGE = (Path(__file__).parents[2] / "docs/security.md").read_text()
SECTION = PAGE.partition("## Which commands run programs\n")[2].partition("\n## ")[0]
ROWS = {
    words: programs
    for words, programs, _ in re.findall(r"^\| (.+?) \| (.+?) \| (.+?) \|$", SECTION, re.MULTILINE)
}
NO_PREVIEW = "the same without them"
PREVIEWS = {"--dry-run", "--diff", "--check"}
SETTINGS = {"--no-sync", "--no-git", "--allow-dirty", *PREVIEWS, "--json"}


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def commands_of(words: str) -> set[str]:
    changing = next(each for each in ROWS if "`infra add`" in each)
    return named(changing if words == NO_PREVIEW else words) & set(COMMANDS)


@pytest.fixture
def programs(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a project with programs that do nothing in its environment and on PATH."""
    git = shutil.which("git")
    folders = {
        tmp_path / "bin": ("uv", "docker", "psql"),
        shop / ".venv/bin": ("python", "uvicorn"),
    }
    for folder, names in folders.items():
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_text("#!/bin/sh\nexit 1\n")
            (folder / name).chmod(0o755)
    (tmp_path / "bin/git").symlink_to(str(git))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    for name in ("VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(listeners, "is_taken", lambda *_: True)
    assert shop.add("redis").code == 0
    (shop / "uv.lock").write_text("version = 1\n")
    commit_all(shop.root)
    return shop


def started_by(shop: Shop, *command: str) -> set[str]:
    with watched(shop.root.parent) as watch:
        shop.run(*command)
    return {Path(re.findall(r"'([^']+)'", each)[0]).name for each in watch.started}


def test_every_command_is_in_one_row() -> None:
    assert sorted(name for words in ROWS for name in named(words) & set(COMMANDS)) == sorted(
        COMMANDS
    )


@pytest.mark.parametrize("words", [each for each in ROWS if named(each) & set(COMMANDS)])
def test_a_command_starts_no_other_program_than_the_page_says(programs: Shop, words: str) -> None:
    known = {each.split()[0] for each in named(ROWS[words])}
    previews = sorted(named(words) & PREVIEWS)
    started: set[str] = set()
    for name in sorted(commands_of(words)):
        arguments = [each for each in COMMANDS[name][-1] if each not in SETTINGS]
        for preview in previews or [""]:
            if name == "bootstrap" and preview != "--dry-run":
                continue
            started |= started_by(programs, *name.split(), *arguments, *filter(None, [preview]))
    assert started <= known
    if previews or not known:
        assert started == known


def test_a_change_starts_git_and_uv(programs: Shop) -> None:
    assert (
        started_by(programs, "infra", "add", "metrics") == named(ROWS[NO_PREVIEW]) == {"git", "uv"}
    )
    assert not started_by(programs, "infra", "remove", "redis", "--no-sync", "--allow-dirty")
