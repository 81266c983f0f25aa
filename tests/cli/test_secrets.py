"""Secrets of a project: in its files as they were, in nothing that a command prints."""
# ruff: noqa: E501 - a place is a line

import difflib
import secrets
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paxx import catalog
from paxx.changes import FileChange
from paxx.cli import redacted, text
from paxx.diff import of_change
from paxx.errors import PaxxError
from tests.cases.by_hand import replace
from tests.harness import Outcome, Shop

FORMS = [
    ("--dry-run",),
    ("--diff",),
    ("--check",),
    ("--json", "--dry-run"),
    ("--json", "--strict"),
    (),
]
ENVIRONMENT = "      ENVIRONMENT: development\n"
PEM = "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----"

PLACES = [
    (".env.example", "SECRET_KEY=change-me", "SECRET_KEY={}"),
    (".env.example", "LOG_FORMAT=text", "LOG_FORMAT=text\n# API_TOKEN={}"),
    (".env.example", "DATABASE_URL=", "BROKER_URL=amqp://me:{}@queue:5672/\nDATABASE_URL="),
    (".env.example", "DATABASE_URL=", f'SIGNING_KEY="{PEM}"\nDATABASE_URL='),
    (".env.example", "DATABASE_URL=", "SMTP_PASS='{}'\nDATABASE_URL="),
    ("docker-compose.yml", 'POSTGRES_PASSWORD: "shop"', "POSTGRES_PASSWORD: {}"),
    ("docker-compose.yml", "asyncpg://shop:shop@", "asyncpg://shop:{}@"),
    ("docker-compose.yml", ENVIRONMENT, f"{ENVIRONMENT}      A_TOKEN: ${{A_TOKEN:-{{}}}}\n"),
    ("docker-compose.yml", ENVIRONMENT, f"{ENVIRONMENT}      TLS_KEY: |\n        {{}}\n"),
    ("docker-compose.yml", ENVIRONMENT, f"{ENVIRONMENT}      SENTRY_DSN: https://{{}}@e.example/1\n"),
    ("docker-compose.yml", "    restart:", '    command: ["x", "--token", "{}"]\n    restart:'),
    ("settings.py", "SecretStr(PLACEHOLDER_SECRET)", 'SecretStr("{}")'),
    ("settings.py", "sqlite+aiosqlite:///./shop.db", "postgresql+asyncpg://me:{}@db/shop"),
    ("settings.py", "    # Database", '    api_key: str = Field(\n        "{}"\n    )\n    # Database'),
    ("pyproject.toml", '  "fastapi', '  "lib @ https://me:{}@w.example/lib-1.whl",\n  "fastapi'),
    ("pyproject.toml", '  "fastapi', '  "lib @ git+https://{}@git.example/lib",\n  "fastapi'),
    ("pyproject.toml", "[project]", '[tool.x]\ntoken = "{}"\n\n[project]'),
    ("wiring.py", "LIFESPANS:", 'API_KEY = "{}"\nLIFESPANS:'),
]  # fmt: skip


def plant(shop: Shop, secret: str, place: tuple[str, str, str]) -> None:
    path, old, new = place
    replace(shop, path, old, new.replace("{}", secret))


def random_secret() -> str:
    return f"s3{secrets.token_hex(8)}"


def hides(outcome: Outcome, *planted: str) -> bool:
    return not any(each in outcome.stdout + outcome.stderr for each in planted)


@pytest.fixture
def planted(shop: Shop) -> list[str]:
    """Return secrets, one in each of the places."""
    values = []
    for place in PLACES:
        values.append(random_secret())
        plant(shop, values[-1], place)
    return values


@pytest.mark.integration
@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_no_secret_is_printed_and_none_is_changed(
    shop: Shop, planted: list[str], form: tuple[str, ...]
) -> None:
    before = shop.tree()
    outcome = shop.add("redis", "storage", *form)
    assert outcome.code in {0, 10}, outcome.stderr
    assert hides(outcome, *planted)
    assert ("***" in outcome.stdout) is bool({"--diff", "--json"} & set(form))
    for (path, _, _), value in zip(PLACES, planted, strict=True):
        assert value in (shop / path).read_text()
    written = {path for path, content in shop.tree().items() if before.get(path) != content}
    assert all("***" not in (shop / path).read_text() for path in written)
    if not written:
        return
    shown = "".join(
        line
        for path in before.keys() & written
        for line in difflib.unified_diff(
            before[path].decode().splitlines(), (shop / path).read_text().splitlines()
        )
    )
    assert sum(value in shown for value in planted) > 5, "they are where edits go"


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.sampled_from(PLACES),
    secret=st.from_regex(r"[a-z]{3}[0-9][A-Za-z0-9_.-]{4,30}[a-z]", fullmatch=True),
    form=st.sampled_from([form for form in FORMS if form and form[-1] != "--strict"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_a_random_secret_in_any_place_is_in_no_form(
    shop: Shop, place: tuple[str, str, str], secret: str, form: tuple[str, ...], newline: str
) -> None:
    before = shop.tree()
    try:
        plant(shop, secret, place)
        content = (shop / place[0]).read_text()
        (shop / place[0]).write_bytes(content.replace("\n", newline).encode())
        assert hides(shop.add("redis", *form), secret)
    finally:
        shop.restore(before)


@pytest.mark.parametrize("form", [(), ("--json",), ("--strict",), ("--strict", "--json")])
def test_what_is_left_to_the_user_names_none(
    shop: Shop, planted: list[str], form: tuple[str, ...]
) -> None:
    requirement = f"redis @ https://me:{planted[0]}@wheels.example/redis-3.0-py3-none-any.whl"
    replace(shop, "pyproject.toml", '  "fastapi', f'  "{requirement}",\n  "fastapi')
    (shop / "docker-compose.yml").write_text(
        f"services: {{a: {{environment: {{A_TOKEN: {planted[1]}}}}}}}\n"
    )
    outcome = shop.add("redis", *form)
    assert outcome.code in {4, 5}
    assert "redis-data:" in outcome.stdout + outcome.stderr
    assert hides(outcome, *planted)
    if "--strict" not in form:
        assert "`redis @ https://***:***@wheels.example/" in outcome.stdout


def test_a_requirement_that_an_error_names_shows_no_token(shop: Shop) -> None:
    secret = random_secret()
    wheel = f"opentelemetry-sdk @ https://me:{secret}@wheels.example/sdk-1.whl"
    error = PaxxError(f"`{wheel}` cannot be resolved", hint=f"let `{wheel}` go")
    lines = "\n".join(text.of_error(redacted.of_error(error)))
    assert lines.count("https://***:***@wheels.example/") == 2
    assert secret not in lines
    assert shop.root.is_dir()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docker-compose.yml", "services:\n  app:\n    environment:\n      A_PASSWORD: *{}\n"),
        ("docker-compose.yml", "services:\n  app: {{A_PASSWORD: {}, x\n"),
        ("settings.py", 'secret_key = SecretStr("{}"\nclass Settings(:\n'),
        ("pyproject.toml", '[project]\nname = "shop"\ntoken = "{}" x\n'),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_an_error_in_a_file_quotes_none(
    shop: Shop, path: str, content: str, form: tuple[str, ...]
) -> None:
    secret = random_secret()
    (shop / path).write_text(content.replace("{}", secret).replace("{{", "{"))
    outcome = shop.add("redis", *form)
    assert outcome.code == 3
    assert hides(outcome, secret)


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_uv_says_is_told_without_them(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    secret = random_secret()
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/uv").write_text(
        f"#!/bin/sh\necho 'cannot fetch https://me:{secret}@index.example/simple' >&2\nexit 2\n"
    )
    (tmp_path / "bin/uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    outcome = shop.run("infra", "add", "redis", *form)
    assert outcome.code == 5
    assert "cannot fetch https://***:***@index.example/simple" in outcome.stdout
    assert hides(outcome, secret)


@pytest.mark.parametrize("traceback", ["", "1"])
def test_a_bug_is_told_without_them(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, traceback: str
) -> None:
    secret = random_secret()
    (shop / ".env").write_text(f"DB_PASSWORD={secret}\n")

    def broken(_: Path) -> None:
        raise KeyError(secret)

    monkeypatch.setattr("paxx.listing.components", broken)
    monkeypatch.setenv("PAXX_TRACEBACK", traceback)
    outcome = shop.run("infra", "list")
    assert outcome.code == 1
    assert "KeyError: '***'" in outcome.stderr
    assert ("Traceback" in outcome.stderr) is bool(traceback)
    assert hides(outcome, secret)


def test_what_components_bring_is_no_secret_and_is_shown_as_it_is(shop: Shop) -> None:
    outcome = shop.add(*catalog.names(), "--yes", "--diff")
    assert outcome.code == 0
    assert "***" not in outcome.stdout
    assert "+      MINIO_ROOT_PASSWORD: minioadmin\n" in outcome.stdout


def test_a_secret_that_changes_is_a_line_that_changes() -> None:
    change = FileChange(".env.example", b"A=1\nA_TOKEN=first\n", b"A=1\nA_TOKEN=second\n")
    assert list(of_change(change))[-2:] == ["-A_TOKEN=***\n", "+A_TOKEN=***\n"]
