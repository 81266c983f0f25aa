"""What comes from a file or a name does not control the terminal, in any output."""

import unicodedata
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from paxx import cli
from paxx.cli import questions, streams
from tests.harness import Shop

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
HOSTILE = f"{BIDI}\x1b[2J\x1b]0;title\x07\x9b1A\x08\x7f\u200b\u2028\ufeff\U000e0041end"


def is_harmless(text: str) -> bool:
    kept = [each for each in text if each not in "\n\t"]
    return not any(unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in kept)


def spoil(shop: Shop) -> None:
    """Put hostile text where outputs of many kinds show it."""
    example = (shop / ".env.example").read_text()
    above = "ENVIRONMENT=development\n"  # what redis adds goes below it
    (shop / ".env.example").write_text(example.replace(above, f"{above}# {HOSTILE}\n"))
    compose = (shop / "docker-compose.yml").read_text()
    service = (
        f'\n  "{HOSTILE.encode("unicode_escape").decode()}":\n    image: x\n    ports: ["6379:1"]\n'
    )
    (shop / "docker-compose.yml").write_text(compose.replace("services:\n", f"services:{service}"))
    (shop / f"features/{BIDI}").mkdir()
    (shop / f"features/{BIDI}/__init__.py").write_text("")
    router = f'router = APIRouter(prefix="/{HOSTILE}")\n@router.get("/x")\ndef x(): ...\n'
    (shop / f"features/{BIDI}/router.py").write_text(router)


@pytest.mark.parametrize(
    "command",
    [
        ("infra", "add", "redis", "--dry-run"),
        ("infra", "add", "redis", "--diff"),
        ("infra", "add", "redis", "--json", "--dry-run"),
        ("infra", "add", "redis", "--no-sync"),
        ("infra", "add", HOSTILE),
        ("feature", "list"),
        ("feature", "list", "--json"),
        ("feature", "remove", HOSTILE),
        ("start", "--port", HOSTILE),
        (HOSTILE,),
    ],
    ids=" ".join,
)
def test_no_output_controls_the_terminal(shop: Shop, command: tuple[str, ...]) -> None:
    spoil(shop)
    outcome = shop.run(*command)
    printed = outcome.stdout + outcome.stderr
    assert is_harmless(printed), printed
    assert "202e" in printed


@pytest.mark.parametrize("path", ["pyproject.toml", "settings.py", "docker-compose.yml"])
def test_an_error_does_not_control_the_terminal(shop: Shop, path: str) -> None:
    (shop / path).write_text(f'{HOSTILE} = "{HOSTILE}\n')
    outcome = shop.run("infra", "add", "redis", "--dry-run")
    assert outcome.code == 3
    assert is_harmless(outcome.stderr)


def test_a_name_below_paxx_does_not_control_the_terminal(shop: Shop) -> None:
    shop.add("redis")
    (shop / f".paxx/{HOSTILE.replace('/', '')}").symlink_to("components")
    outcome = shop.run("status")
    assert outcome.code == 4
    assert is_harmless(outcome.stderr)
    assert "\\x1b[2J" in outcome.stderr


@pytest.mark.parametrize(
    "ask",
    [
        lambda: questions.confirm_requirements(yes=False, ask=True)((HOSTILE,)),
        lambda: questions.another_port(80)(HOSTILE, 81),
        lambda: questions.confirm_loss(yes=False, ask=True)(HOSTILE),
    ],
)
def test_no_question_controls_the_terminal(
    monkeypatch: pytest.MonkeyPatch, ask: Callable[[], bool]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(questions, "on_terminal", lambda: True)

    def agree(text: str, **_: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(click, "confirm", agree)
    assert ask()
    assert is_harmless(asked[0])


def test_no_completion_controls_the_shell(shop: Shop) -> None:
    shop.add("redis")
    record = (shop / ".paxx/components/redis.json").read_bytes()
    for name in (HOSTILE.replace("/", ""), "$(touch x)", "features.$(touch x)"):
        (shop / f".paxx/components/{name}.json").write_bytes(record)
        (shop / f"features/{name}").mkdir()
        (shop / f"features/{name}/models.py").write_text("")
    versions = shop / "db/migrations/versions"
    (versions / "one.py").write_text(f'"""{HOSTILE}"""\nrevision = "ab12"\n')

    def completed(*words: str) -> str:
        environment = {
            "_PAXX_COMPLETE": "zsh_complete",
            "COMP_WORDS": " ".join(("paxx", *words)),
            "COMP_CWORD": str(len(words)),
        }
        return CliRunner().invoke(cli.paxx, env=environment, prog_name="paxx").output

    for words in (
        ("infra", "remove", ""),
        ("feature", "remove", ""),
        ("feature", "create", "x", "y:ref:"),
        ("db", "upgrade", ""),
    ):
        shown = completed(*words)
        assert is_harmless(shown)
        assert "touch" not in shown
    assert "redis" in completed("infra", "remove", "")
    assert "ab12" in completed("db", "upgrade", "")


def test_colour_is_ours_alone() -> None:
    line = streams.styled("+ \x1b[31mred", " \x1b[0m", fg="green")
    assert line == "\x1b[32m+ \\x1b[31mred\x1b[0m \\x1b[0m"
    assert streams.printable(line) is line
    assert streams.printable(line[:]) != line  # what is made of it is plain text again


@given(st.text())
def test_what_is_printable_stays_as_it_is(text: str) -> None:
    shown = streams.printable(text)
    assert is_harmless(shown)
    if is_harmless(text):
        assert shown == text


def test_text_of_people_is_not_escaped() -> None:
    text = "Preis:\u00a05\u202f€\tfür Ünïcödé, 日本語\u3000 \N{WOMAN} e\N{COMBINING ACUTE ACCENT}"
    assert streams.printable(text) == text


def test_a_traceback_does_not_control_the_terminal(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> None:
        raise RuntimeError(HOSTILE)

    monkeypatch.setenv("PAXX_TRACEBACK", "1")
    monkeypatch.setattr("paxx.status.of", broken)
    outcome = shop.run("status")
    assert outcome.code == 1
    assert is_harmless(outcome.stderr)
    assert "RuntimeError" in outcome.stderr
