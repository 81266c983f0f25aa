"""What is asked on a terminal, driven through a real one."""

import sys
from pathlib import Path

import click
import pexpect
import pytest

from paxx import catalog
from paxx.cli import questions
from paxx.errors import UsageError
from tests.harness import Shop

pytestmark = pytest.mark.integration

DOWN, SPACE = "\x1b[B", " "


def on_terminal(*arguments: str, cwd: Path) -> "pexpect.spawn[str]":
    command = ["-m", "paxx", *arguments]
    return pexpect.spawn(
        sys.executable, command, cwd=str(cwd), encoding="utf-8", timeout=300, dimensions=(40, 120)
    )


def finish(terminal: "pexpect.spawn[str]") -> tuple[int | None, str]:
    terminal.expect(pexpect.EOF)
    terminal.close()
    return terminal.exitstatus, terminal.before or ""


def test_a_bootstrap_asks_for_what_is_missing(tmp_path: Path) -> None:
    terminal = on_terminal("bootstrap", "--no-git", "--no-sync", cwd=tmp_path)
    terminal.expect("Name of the project")
    terminal.sendline("My Shop")
    terminal.expect("Description")
    terminal.sendline("Sells things")
    terminal.expect("Components to add")
    for _ in range(catalog.names().index("redis")):
        terminal.send(DOWN)
    terminal.send(SPACE + "\r")
    code, printed = finish(terminal)
    assert code == 0, printed
    shop = tmp_path / "my-shop"
    assert "Sells things" in (shop / "pyproject.toml").read_text()
    assert (shop / "core" / "cache.py").is_file()
    assert not (shop / "core" / "metrics.py").exists()


def test_a_name_that_does_not_do_is_told_while_typing(tmp_path: Path) -> None:
    terminal = on_terminal("bootstrap", "--no-git", "--no-sync", cwd=tmp_path)
    terminal.expect("Name of the project")
    terminal.sendline("fastapi")
    terminal.expect("name of a dependency")
    terminal.sendcontrol("c")
    code, _ = finish(terminal)
    assert code == 130
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_yes_and_a_preview_ask_nothing(tmp_path: Path, option: str) -> None:
    terminal = on_terminal("bootstrap", "shop", "--no-git", "--no-sync", option, cwd=tmp_path)
    code, printed = finish(terminal)
    assert code == 0
    assert "?" not in printed


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 2)])
def test_what_a_component_needs_is_asked_for(shop: Shop, answer: str, code: int) -> None:
    script = (
        "import sys; from pathlib import Path; from paxx import catalog, cli;"
        f"catalog.FOLDER = Path({str(Path(__file__).parent.parent / 'fixtures/components')!r});"
        "sys.exit(cli.run(['infra', 'add', 'queue', '--no-sync']))"
    )
    terminal = pexpect.spawn(
        sys.executable, ["-c", script], cwd=str(shop.root), encoding="utf-8", timeout=300
    )
    terminal.expect("This needs `cache`. Add it as well?")
    terminal.sendline(answer)
    finished, printed = finish(terminal)
    assert finished == code, printed
    assert (shop / "core/store.py").exists() is (code == 0)


def test_no_to_a_loss_ends_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "on_terminal", lambda: True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    with pytest.raises(UsageError, match="nothing was done"):
        questions.confirm_loss(yes=False, ask=True)("this drops a table")


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_is_for_terminals_that_want_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_color: str, *, coloured: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    code, printed = finish(on_terminal("infra", "add", "redis", cwd=tmp_path))
    assert code == 3
    assert "error" in printed
    assert ("\x1b[" in printed) is coloured
