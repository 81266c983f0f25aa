"""What a key press completes: in bash for real, in other shells by what they are told."""

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from servers import ServerError, debian
from tests.harness import Run, Shop

PAXX = str(Path(sys.executable).with_name("paxx"))
COMPLETE = """
eval "$(paxx completion bash)"
COMP_WORDS=("$@" $BEHIND)
COMP_CWORD=$(($# - 1))
_paxx_completion paxx "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\\n' "${COMPREPLY[@]}"
"""


INTERACTIVE = {
    "bash": (["--noprofile", "--norc", "-i"], 'eval "$(paxx completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -Uz compinit; compinit -u -D; eval "$(paxx completion zsh)"'),
}


def require(shell: str) -> None:
    """Install a shell where that is possible; the test is skipped elsewhere, but not on CI."""
    try:
        debian.program(shell)
    except ServerError as error:
        pytest.skip(str(error))


def environment() -> dict[str, str]:
    """Return our environment with our own program on PATH, on a terminal that can do little."""
    path = f"{Path(PAXX).parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "TERM": "dumb", "INPUTRC": os.devnull, "HISTFILE": ""}


def typed(shell: str, directory: Path, lines: list[str]) -> list[str]:
    """Type lines into a shell on a terminal; return the last word of each as a command gets it."""
    options, setup = INTERACTIVE[shell]
    terminal = pexpect.spawn(
        shell,
        options,
        cwd=str(directory),
        env=environment(),
        encoding="utf-8",
        timeout=300,
        dimensions=(40, 300),
    )
    terminal.sendline(f"{setup}; last() {{ for w; do :; done; echo \"<<$w>>\"; }}; echo rea''dy")
    terminal.expect("\nready")
    words = []
    for line in lines:
        terminal.send(f"{line}\x01last \r")  # in front of it, when all of it is typed
        terminal.expect("<<")
        terminal.expect(">>")
        words.append(str(terminal.before))
    terminal.close(force=True)
    return words


def in_bash(directory: Path, *words: str, behind: str = "") -> list[str]:
    """Return what bash offers behind these words, as it takes them apart."""
    result = subprocess.run(
        ["bash", "-c", COMPLETE, "bash", *words],
        cwd=directory,
        env=environment() | {"BEHIND": behind},
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


@pytest.mark.slow
def test_bash_completes_commands_options_and_names(shop: Shop) -> None:
    shop.add("redis")
    assert in_bash(shop.root, "paxx", "inf") == ["infra"]
    assert in_bash(shop.root, "paxx", "infra", "add", "--d") == ["--dry-run", "--diff"]
    assert in_bash(shop.root / "core", "paxx", "infra", "add", "m") == ["metrics"]
    assert in_bash(shop.root, "paxx", "infra", "remove", "") == ["redis"]


@pytest.mark.slow
def test_bash_completes_fields_that_it_takes_apart_at_colons(shop: Shop) -> None:
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    create = ("paxx", "feature", "create", "books")
    assert in_bash(shop.root, *create, "title", ":", "st") == ["str"]
    assert "uuid" in in_bash(shop.root, *create, "pages:int", "title", ":")
    assert in_bash(shop.root, *create, "title", ":", "str", ":", "un") == ["unique"]
    assert in_bash(shop.root, *create, "by", ":", "ref", ":", "") == ["authors"]
    assert in_bash(shop.root, *create, "by", ":", "ref", ":", "authors", ":", "c") == ["cascade"]
    assert in_bash(shop.root, *create, "titl") == []


def test_fields_are_completed_whole_and_in_parts(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    create = ("paxx", "feature", "create", "books")
    assert values(run, monkeypatch, *create, "title", ":", "st") == ["str"]
    assert values(run, monkeypatch, *create, "by:ref:") == ["by:ref:authors"]
    assert values(run, monkeypatch, *create, "by", ":", "ref:authors:c") == ["ref:authors:cascade"]
    assert values(run, monkeypatch, *create, "titl") == []


def test_bash_looks_at_what_is_in_front_of_the_cursor_alone(shop: Shop) -> None:
    assert "metrics" in in_bash(shop.root, "paxx", "infra", "add", "", behind="redis")


def test_nothing_is_written_into_the_line_where_there_is_nothing_to_offer(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    assert in_bash(gone, "paxx", "infra", "add", "m") == ["metrics"]
    script = COMPLETE.replace("COMP_WORDS=", 'rmdir "$PWD"\nCOMP_WORDS=', 1)
    result = subprocess.run(
        ["bash", "-c", script, "bash", "paxx", "infra", "add", "m"],
        cwd=gone,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout.strip(), result.stderr) == ("", "")


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_what_is_completed_on_a_terminal_is_what_the_command_gets(shop: Shop, shell: str) -> None:
    require(shell)
    shop.run("feature", "create", "authors", "name:str", "--no-sync")
    create = "paxx feature create books"
    assert typed(
        shell,
        shop.root,
        [
            f"{create} title:st\t",
            f"{create} author:ref:au\t",
            f"{create} price:dec\t",  # as it is, the parentheses would be the shell's
            f"{create} 'price:dec\t",
            f"{create} 'price:decimal(10,2):un\t",
            f"{create} title:str:len\t80",  # no space is put between
            f"{create} state:en\tdraft\\)",
        ],
    ) == [
        "title:str",
        "author:ref:authors",
        "price:decimal(10,2)",
        "price:decimal(10,2)",
        "price:decimal(10,2):unique",
        "title:str:length=80",
        "state:enum(draft)",
    ]


@pytest.mark.slow
@pytest.mark.e2e
def test_fish_keeps_what_is_behind_a_comma(shop: Shop) -> None:
    require("fish")
    asking = 'paxx completion fish | source; complete -C "paxx feature create books $argv[1]"'
    for field, whole in (
        ("price:dec", "price:decimal(10,2)"),
        ("price:decimal(10,2):un", "price:decimal(10,2):unique"),
    ):
        command = ["fish", "--no-config", "-c", asking, field]
        env = environment()
        assert subprocess.check_output(command, cwd=shop.root, env=env, text=True) == f"{whole}\n"


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
    shop.add("redis")
    assert values(run, monkeypatch, "paxx", "infra", "show", "re") == ["redis"]
    for command in ("remove", "upgrade"):
        assert values(run, monkeypatch, "paxx", "infra", command, "''") == ["redis"]
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
