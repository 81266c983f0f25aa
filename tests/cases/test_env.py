"""Shapes of dotenv files: the numbers are those of docs/cases.md."""

import pytest

from tests.cases.by_hand import added, replace, unchanged_by_a_second_time
from tests.harness import Shop

VALUES = """\
A='with # sign'
B="two
lines, REDIS_URL=inside
end"
C=a=b=c
D=$HOME/${D:-x}
export E=exported
F=
 G = spaced # comment
# REDIS_URL=commented
A=again
"""


def test_53_values_are_never_changed(shop: Shop) -> None:
    (shop / ".env.example").write_text(VALUES)
    assert "REDIS_URL=redis://localhost:6379/0" in added(shop, ".env.example")
    assert (shop / ".env.example").read_text().startswith(VALUES)
    unchanged_by_a_second_time(shop)


@pytest.mark.parametrize("line", ["REDIS_URL=", "export REDIS_URL='x'", " REDIS_URL = x # mine"])
def test_53_a_variable_that_is_there_is_kept(shop: Shop, line: str) -> None:
    (shop / ".env.example").write_text(f"{line}\n")
    assert "REDIS_URL=redis://localhost:6379/0" not in added(shop, ".env.example")
    assert (shop / ".env.example").read_text().startswith(f"{line}\n")
    unchanged_by_a_second_time(shop)


@pytest.mark.parametrize("path", [".env", ".env.local"])
def test_54_files_with_secrets_are_not_touched(shop: Shop, path: str) -> None:
    (shop / path).write_text("SECRET_KEY=secret\nREDIS_URL=redis://:secret@host\n")
    (shop / path).chmod(0o600)
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert ":secret@" not in (shop / ".env.example").read_text()
    assert (shop / path).read_text() == "SECRET_KEY=secret\nREDIS_URL=redis://:secret@host\n"
    assert (shop / path).stat().st_mode & 0o777 == 0o600


def test_54_a_missing_example_is_made(shop: Shop) -> None:
    (shop / ".env.example").unlink()
    assert shop.add("redis").code == 0
    text = (shop / ".env.example").read_text()
    assert text.startswith("# Redis\n")
    assert "REDIS_URL=redis://localhost:6379/0\n" in text
    assert not (shop / ".env").exists()


def test_54_what_the_dotenv_file_sets_is_told(shop: Shop) -> None:
    (shop / ".env").write_text("export REDIS_URL=redis://elsewhere\n")
    assert "warning: `.env` sets `REDIS_URL`; it is kept as it is" in shop.add("redis").stdout


def test_07_a_block_stays_with_its_heading(shop: Shop) -> None:
    replace(shop, ".env.example", "# Database\n", "# Where rows are kept\n# Database\n")
    added(shop, ".env.example")
    text = (shop / ".env.example").read_text()
    assert "# Where rows are kept\n# Database\n# PostgreSQL" in text
