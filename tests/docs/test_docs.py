"""The documentation tells the truth: its commands run, its links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from paxx.errors import ExitCode
from tests.harness import Run, Shop

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def identify(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def commands_of(page: Path) -> list[list[str]]:
    """Return the commands of a page's console blocks, split into words."""
    blocks = re.findall(r"^```console\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [shlex.split(line[2:], comments=True) for line in lines if line.startswith("$ ")]


@pytest.mark.slow
def test_the_commands_of_the_readme_run(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = 0
    for words in commands_of(ROOT / "README.md"):
        if words[0] == "cd":
            monkeypatch.chdir(Path.cwd() / words[1])
        elif words[0] == "paxx" and words[1] not in {"db", "start"}:  # tests/e2e/test_tour.py
            offline = ["--no-sync"] if {"bootstrap", "add", "remove"} & set(words) else []
            outcome = run(*words[1:], *offline)
            assert outcome.code in {ExitCode.DONE, ExitCode.WOULD_CHANGE}, (words, outcome)
            ran += 1
    assert ran >= 4


def test_the_commands_of_the_page_on_features_run(shop: Shop) -> None:
    commands = [words for words in commands_of(ROOT / "docs/features.md") if words[0] == "paxx"]
    for words in commands:
        outcome = shop.run(*words[1:])
        assert outcome.code == ExitCode.DONE, (words, outcome)
    assert len(commands) >= 5


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_tasks_that_a_page_names_exist(page: Path) -> None:
    named = set(re.findall(r"python3 dev\.py ([a-z]+)", page.read_text()))
    table = (ROOT / "dev.py").read_text()
    assert all(f"def {task}(" in table for task in named), named


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=identify)
def test_files_that_a_page_names_exist(page: Path) -> None:
    folders = "src|tests|docs|benchmarks|servers|demo"
    for target in re.findall(rf"`((?:{folders})/[\w./-]+)`", page.read_text()):
        assert (ROOT / target).exists() or "<" in target, target


def test_every_exit_code_is_documented() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text()
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(ExitCode)


def test_the_tests_that_the_page_on_components_names_exist() -> None:
    known = {
        name
        for folder in (ROOT / "tests", ROOT / "src" / "paxx")
        for module in folder.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", module.read_text())
    }
    page = (ROOT / "docs" / "components.md").read_text()
    named = set(re.findall(r"\b(test_\w+)(?!\w*\.py)", page))
    missing = {name for name in named if not any(each.startswith(name) for each in known)}
    assert not missing
    assert len(named) > 100
