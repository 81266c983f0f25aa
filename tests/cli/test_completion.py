"""What a key press completes: in bash for real, in other shells by what they are told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import Run, Shop

PAXX = str(Path(sys.executable).with_name("paxx"))
COMPLETE = """
eval "$(paxx completion bash)"
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_paxx_completion paxx "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


def in_bash(directory: Path, *words: str) -> list[str]:
    """Return what bash offers behind these words, as it takes them apart."""
    path = f"{Path(PAXX).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", *words],
        cwd=directory,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == "", result.stderr
    return [line for line in result.stdout.splitlines() if line]


def asked(run: Run, monkeypatch: pytest.MonkeyPatch, *words: str, shell: str = "zsh") -> list[str]:
    """Return the lines that a shell is told."""
    monkeypatch.setenv("_PAXX_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(words))
    monkeypatch.setenv("COMP_CWORD", words[-1] if shell == "fish" else str(len(words) - 1))
    monkeypatch.setenv("COMP_WORD", words[-1])
    lines = run().stdout.splitlines()
    monkeypatch.delenv("_PAXX_COMPLETE")
    return lines


def values(run: Run, monkeypatch: pytest.MonkeyPatch, *words: str) -> list[str]:
    return asked(run, monkeypatch, *words)[1::3]


def test_bash_completes_commands_options_and_names(shop: Shop) -> None:
    shop.add("redis")
    assert in_bash(shop.root, "paxx", "inf") == ["infra"]
    assert in_bash(shop.root, "paxx", "infra", "add", "--d") == ["--dry-run", "--diff"]
    assert in_bash(shop.root / "core", "paxx", "infra", "add", "m") == ["metrics"]
    assert in_bash(shop.root, "paxx", "infra", "remove", "") == ["redis"]


def test_bash_completes_fields_that_it_takes_apart_at_colons(shop: Shop) -> None:
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    create = ("paxx", "feature", "create", "books")
    assert in_bash(shop.root, *create, "title", ":", "st") == ["str"]
    assert "uuid" in in_bash(shop.root, *create, "pages:int", "title", ":")
    assert in_bash(shop.root, *create, "title", ":", "str", ":", "un") == ["unique"]
    assert in_bash(shop.root, *create, "by", ":", "ref", ":", "") == ["authors"]
    assert in_bash(shop.root, *create, "by", ":", "ref", ":", "authors", ":", "c") == ["cascade"]
    assert in_bash(shop.root, *create, "titl") == []


def test_other_shells_complete_the_whole_word(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    create = ("paxx", "feature", "create", "books", "a:int")
    assert values(run, monkeypatch, *create, "title:s") == ["title:str"]
    assert values(run, monkeypatch, *create, "title:str:op") == ["title:str:optional"]


def test_what_is_given_is_not_offered_again(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("authors", "books"):
        shop.run("feature", "create", name, "name:str", "--no-sync")
    assert values(run, monkeypatch, "paxx", "feature", "remove", "books", "''") == ["authors"]
    assert "redis" not in values(run, monkeypatch, "paxx", "infra", "add", "redis", "''")
    assert values(run, monkeypatch, "paxx", "infra", "upgrade", "cr") == ["crud"]
    assert values(run, monkeypatch, "paxx", "feature", "add", "''") == ["example_products"]
    shop.run("feature", "add", "example_products", "--no-sync")
    assert values(run, monkeypatch, "paxx", "feature", "add", "''") == []


def test_revisions_are_offered_with_their_messages(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shop / "db/migrations/versions"
    (folder / "2026_01_01_first.py").write_text('"""add notes\n"""\nrevision: str = "3f6c"\n')
    (folder / "2026_01_02_second.py").write_text("revision = 'ab12'\n")
    (folder / "2026_01_03_none.py").write_text("x = 1\n")
    lines = asked(run, monkeypatch, "paxx", "db", "upgrade", "''")
    assert lines[1::3] == ["head", "base", "ab12", "3f6c"]
    assert lines[-1] == "add notes"
    assert values(run, monkeypatch, "paxx", "db", "downgrade", "3") == ["3f6c"]


def test_outside_a_project_there_are_only_words_of_our_own(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "redis" in values(run, monkeypatch, "paxx", "infra", "add", "''")
    assert values(run, monkeypatch, "paxx", "infra", "remove", "''") == []
    assert values(run, monkeypatch, "paxx", "db", "upgrade", "''") == ["head", "base"]
    assert values(run, monkeypatch, "paxx", "feature", "create", "x", "a:ref:") == []


def test_powershell_and_fish_are_told_in_their_own_way(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("paxx", "infra", "add", "red")
    assert asked(run, monkeypatch, *words, shell="powershell") == ["redis\tredis"]
    assert asked(run, monkeypatch, *words, shell="fish")[-1].startswith("plain")
    monkeypatch.setenv("_PAXX_COMPLETE", "powershell_complete")
    monkeypatch.setenv("COMP_WORDS", "paxx infra add ")
    monkeypatch.setenv("COMP_WORD", "")
    assert len(run().stdout.splitlines()) == 6


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_names_the_program_and_its_variable(run: Run, shell: str) -> None:
    outcome = run("completion", shell)
    assert outcome.code == 0
    assert "_PAXX_COMPLETE" in outcome.stdout
    assert "paxx" in outcome.stdout


def test_a_shell_that_nobody_knows(run: Run) -> None:
    assert run("completion", "tcsh").code == 2
