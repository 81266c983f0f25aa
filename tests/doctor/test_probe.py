"""What the probe keeps to itself, and what it keeps a project from doing."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from paxx.doctor import facts
from paxx.doctor.probe import secrecy, writes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no redis://:pw@host:6379/0 there", "no redis://:***@host:6379/0 there"),
        ("postgresql+asyncpg://shop:p@ss/w:d@host/shop", "postgresql+asyncpg://shop:***@host/shop"),
        ("http://host/path?a=b&api_key=123&c=d", "http://host/path?a=b&api_key=***&c=d"),
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
    ],
)
def test_addresses_are_told_without_passwords(text: str, told: str) -> None:
    assert secrecy.redacted(text) == told


@pytest.mark.parametrize(
    ("name", "kind", "value", "secret"),
    [
        ("api_key", "SecretStr", "abcd-1234", "abcd-1234"),
        ("smtp_password", "str", "letmein", "letmein"),
        ("database_url", "str", "postgresql://shop:l%40mein@host/shop", "l@mein"),
        ("database_url", "str", "shop:letmein@host/shop", "shop:letmein@host/shop"),
    ],
)
def test_a_secret_is_not_told_wherever_it_stands(
    name: str, kind: str, value: str, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrecy, "_secrets", set())
    secrecy.learn(name, kind, value)
    assert secrecy.redacted(f"wrong: '{secret}'.") == "wrong: '***'."


def test_what_is_public_as_well_is_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrecy, "_secrets", set())
    secrecy.learn("database_url", "str", "postgresql://shop:shop@localhost/shop")
    assert secrecy.redacted('database "shop" does not exist') == 'database "shop" does not exist'


def test_an_error_is_told_in_one_line() -> None:
    assert secrecy.told(ValueError("first\nsecond")) == "ValueError: first"
    assert secrecy.told(TimeoutError()) == "TimeoutError"
    assert len(secrecy.told(ValueError("x" * 1000))) == secrecy.LONGEST


def test_a_refusal_is_found_behind_other_errors() -> None:
    refused = writes.RefusedError(errno.EROFS, "no", str(writes.ROOT / "uploads/tmp/a"))
    error = ValueError("wrapped")
    error.__cause__ = refused
    assert writes.refusal(error) == {"path": "uploads/tmp", "permitted": True}
    assert writes.refusal(ValueError()) is None


@pytest.mark.parametrize(
    "code",
    [
        "open('new', 'w')",
        "open('there', 'a')",
        "os.open('there', os.O_RDWR)",
        "os.mkdir('new')",
        "os.remove('there')",
        "os.rename('there', '/dev/null')",
        "os.rename('/dev/null', 'new')",
        "os.symlink('x', 'new')",
        "os.utime('there')",
        "os.chmod('there', 0)",
        "sqlite3.connect('new.db')",
        "sqlite3.connect('file:new.db?mode=rwc', uri=True)",
    ],
)
def test_a_project_is_not_written_into(code: str, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("as it was")
    assert attempt(code, tmp_path) == "RefusedError"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert (tmp_path / "there").read_text() == "as it was"


@pytest.mark.parametrize(
    "code",
    [
        "open('there')",
        "open(os.devnull, 'w')",
        "tempfile.TemporaryFile(dir='/tmp')",
        "sqlite3.connect(':memory:')",
        "sqlite3.connect('there')",
        "os.listdir('.')",
    ],
)
def test_reading_and_writing_elsewhere_is_allowed(code: str, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    assert attempt(code, tmp_path) == "done"


def attempt(code: str, directory: Path) -> str:
    """Run code with the writes refused, and return what came of it."""
    program = f"""
import os, sqlite3, sys, tempfile
from paxx.doctor.probe import writes
sys.addaudithook(writes.refuse)
try:
    {code}
except Exception as error:
    print(type(error).__name__)
else:
    print("done")
"""
    source = str(facts.PROBE.parents[2])
    result = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": source, "COVERAGE_PROCESS_START": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()
