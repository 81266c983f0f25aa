"""`--strict`: nothing is written when something would be left to the user."""

import pytest

from tests.harness import Shop

FIELD = '    redis_url: str = "redis://localhost:6379/0"'


@pytest.fixture
def odd(shop: Shop) -> Shop:
    """Return a project with two files that cannot be edited safely."""
    (shop / "settings.py").write_text("redis = 3\n")
    (shop / "wiring.py").write_text('"""Nothing here."""\n')
    return shop


@pytest.mark.parametrize("form", [(), ("--dry-run",), ("--diff",), ("--check",)])
def test_it_stops_and_names_files_reasons_and_lines(odd: Shop, form: tuple[str, ...]) -> None:
    before = odd.tree()
    outcome = odd.add("redis", "--strict", *form)
    assert (outcome.code, outcome.stdout) == (4, "")
    first, *_, last = outcome.stderr.splitlines()
    assert first == (
        "error: manual steps would remain in `settings.py`, `wiring.py`; nothing was written"
    )
    assert last == "hint: do it first, or do without `--strict`"
    assert (
        "manual step: settings `redis_url, redis_key_prefix` in `settings.py`: " in outcome.stderr
    )
    assert f"\n{FIELD}\n" in outcome.stderr
    assert '\n    "redis": core.cache.ready,\n' in outcome.stderr
    assert odd.tree() == before


def test_the_document_carries_the_steps(odd: Shop) -> None:
    before = odd.tree()
    document = odd.add("redis", "--strict", "--json").json
    manual = {step["key"]: step for step in document["steps"] if step["status"] == "manual"}
    assert FIELD.strip() in manual["redis_url, redis_key_prefix"]["snippet"]
    assert manual["redis_url, redis_key_prefix"]["note"]
    assert (document["exit_code"], document["changes"]) == (4, [])
    assert document["components"] == ["redis"]
    assert document["project"] == {"root": str(odd.root)}
    assert odd.tree() == before


def test_what_can_be_done_is_done(shop: Shop) -> None:
    assert shop.add("redis", "--strict").code == 0
    assert shop.add("redis", "--strict").code == 0


def test_what_was_left_before_stops_it_too(odd: Shop) -> None:
    assert odd.add("redis").code == 5
    assert odd.add("redis", "--strict").code == 4
