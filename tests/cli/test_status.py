"""`paxx status`: what is installed, changed, gone and left to do."""

import shutil
from pathlib import Path

import pytest

from paxx import catalog
from tests import upgrade_shapes
from tests.harness import Run, Shop
from tests.releases import make_next


def replace(shop: Shop, path: str, old: str, new: str) -> None:
    text = (shop / path).read_text()
    assert old in text
    (shop / path).write_text(text.replace(old, new))


def component(shop: Shop, name: str) -> dict[str, object]:
    """Return what the JSON document says of a component."""
    components = shop.run("status", "--json").json["components"]
    found: dict[str, object] = next(each for each in components if each["name"] == name)
    return found


@pytest.mark.parametrize("command", [("status",), ("infra", "status")])
def test_it_lists_what_is_installed(shop: Shop, command: tuple[str, ...]) -> None:
    shop.add("redis", "metrics")
    outcome = shop.run(*command)
    assert outcome.code == 0
    rows = [line.split() for line in outcome.stdout.splitlines()]
    assert rows == [
        ["NAME", "VERSION", "STATE"],
        ["metrics", "1.2", "installed"],
        ["redis", "1.2", "installed"],
    ]


def test_without_components_it_says_so(shop: Shop) -> None:
    outcome = shop.run("status")
    assert outcome.code == 0
    assert "no components in" in outcome.stdout


def test_it_changes_nothing(shop: Shop) -> None:
    shop.add("redis")
    before = shop.tree()
    shop.run("status")
    assert shop.tree() == before


def test_a_changed_file_is_listed(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, "core/cache.py", "import", "import  # mine")
    outcome = shop.run("status")
    assert outcome.code == 0
    assert "modified: `core/cache.py` of redis" in outcome.stdout
    assert component(shop, "redis")["state"] == "modified"


def test_what_is_gone_is_listed_with_the_way_back(shop: Shop) -> None:
    shop.add("redis")
    before = shop.tree()
    (shop / "core/_redis/client.py").unlink()
    replace(shop, "wiring.py", "    core.cache.lifespan,\n", "")
    outcome = shop.run("status")
    assert outcome.code == 0
    assert (
        "missing: `core/_redis/client.py` of redis: `paxx infra add redis` restores it"
        in outcome.stdout
    )
    shown = " ".join(outcome.stdout.split())
    assert "missing: wiring `core.cache.lifespan in LIFESPANS` in `wiring.py` of redis" in shown
    assert component(shop, "redis")["state"] == "drifted"
    shop.add("redis")
    assert shop.tree() == before


def test_what_is_left_to_do_is_looked_at_again(shop: Shop) -> None:
    replace(shop, "wiring.py", "LIFESPANS: Sequence[Lifespan] = [", "LIFESPANS = EARLY + [")
    assert shop.add("redis").code == 5
    outcome = shop.run("status")
    assert outcome.code == 5
    assert "manual step: wiring `core.cache.lifespan in LIFESPANS` in `wiring.py`" in outcome.stdout
    assert component(shop, "redis")["state"] == "pending"
    replace(shop, "wiring.py", "EARLY + [\n", "EARLY + [\n    core.cache.lifespan,\n")
    outcome = shop.run("status")
    assert outcome.code == 0
    assert "manual step" not in outcome.stdout


def test_a_newer_version_is_told(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add("redis")
    monkeypatch.setattr(catalog, "FOLDER", make_next(tmp_path / "next"))
    outcome = shop.run("status")
    assert outcome.code == 0
    assert "newer: redis 2.0: `paxx infra upgrade redis`" in outcome.stdout
    assert component(shop, "redis")["available"] == "2.0"


def test_outside_a_project_it_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("status").code == 3


def test_a_file_that_does_not_parse_is_named(shop: Shop) -> None:
    shop.add("redis")
    (shop / "wiring.py").write_text("LIFESPANS = [\n")
    outcome = shop.run("status")
    assert outcome.code == 3
    assert "wiring.py" in outcome.stderr


MANIFEST = ".paxx/base/redis/component.toml.pristine"
NEWER = "use the version of paxx that added it, or a newer one"


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        (
            MANIFEST,
            b"version",
            b'plugins = ["x"]\nversion',
            NEWER,
        ),
        (MANIFEST, b'"LIFESPANS"', b'"CONSUMERS"', NEWER),
        (MANIFEST, b"name = ", b"name == ", "restore it from version control"),
        (MANIFEST, b"redis", b"\xff", "restore it from version control"),
        (MANIFEST, b'name = "redis"', b'name = "arq"', "this is the copy of `arq`"),
        (".paxx/base/redis/compose.yaml.pristine", b"redis", b"\xff", "not UTF-8"),
        (".paxx/components/redis.json", b'"redis"', b'"arq"', "it is that of `arq`"),
    ],
)
def test_what_paxx_cannot_read_of_its_own_is_no_bug_of_paxx(
    shop: Shop, path: str, old: bytes, new: bytes, message: str
) -> None:
    shop.add("redis")
    (shop / path).write_bytes((shop / path).read_bytes().replace(old, new, 1))
    before = shop.tree()
    outcomes = (
        shop.run("status"),
        shop.add("redis"),
        shop.remove("redis"),
        shop.upgrade("--all"),
        shop.add("metrics"),
    )
    for outcome in outcomes:
        assert outcome.code == 3, outcome
        assert path in outcome.stderr
        assert message in outcome.stderr
    assert shop.tree() == before


def test_a_component_without_its_copy_is_not_passed_over(shop: Shop) -> None:
    shop.add("redis")
    shutil.rmtree(shop / ".paxx/base")
    outcome = shop.run("status")
    assert outcome.code == 4
    assert "the copy of what `redis` was added with is missing" in outcome.stderr


def test_a_directory_in_place_of_a_record_is_none(shop: Shop) -> None:
    (shop / ".paxx/components/redis.json").mkdir(parents=True)
    assert "no components" in shop.run("status").stdout


def test_while_an_upgrade_waits_only_its_two_ways_out_are_named(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade_shapes.use(monkeypatch, "1.0")
    assert shop.add("ledger").code == 0
    upgrade_shapes.use(monkeypatch, "2.0")
    assert "`paxx infra upgrade ledger`" in shop.run("status").stdout
    upgrade_shapes.edit_ledger(shop, conflicts=1)
    assert shop.upgrade("ledger").code == 6
    outcome = shop.run("status")
    assert outcome.code == 6
    assert "newer: ledger 2.0\n" in outcome.stdout
    assert "missing: " in outcome.stdout
    assert "`paxx" not in outcome.stdout
    ways = outcome.stdout.partition("next:\n")[2].splitlines()
    assert [way.split(" #")[0].strip() for way in ways] == [
        "paxx infra upgrade --continue",
        "paxx infra upgrade --abort",
    ]


COMPOSE = "docker-compose.yml"
CHANGES = (
    (
        COMPOSE,
        "image: redis:7-alpine\n    restart: unless-stopped",
        "image: redis:8-alpine\n    init: true",
    ),
    (COMPOSE, "redis:\n        condition: service_healthy", "redis:"),
    (COMPOSE, "REDIS_URL: redis://redis:6379/0", "REDIS_URL: redis://cache:6379/0"),
    (COMPOSE, "\n  redis-data:\n", "\n  redis-data:\n    external: true\n"),
    ("pyproject.toml", '"redis>=5.0"', '"redis>=6.1"'),
    ("settings.py", 'redis_key_prefix: str = "shop:"', 'redis_key_prefix: str = "s:"'),
    ("wiring.py", '"redis": core.cache.ready', '"redis": db.database.ready'),
)


def test_status_names_what_differs_in_shared_files(shop: Shop) -> None:
    shop.add("redis")
    for change in CHANGES:
        replace(shop, *change)
    outcome = shop.run("status")
    assert outcome.code == 0
    shown = " ".join(outcome.stdout.split())
    for place, differs in (
        (
            "service `redis` in `docker-compose.yml`",
            "`restart` is missing, `image` differs, `init` is new",
        ),
        ("app depends_on `redis` in `docker-compose.yml`", "`condition` is missing"),
        ("app environment `REDIS_URL` in `docker-compose.yml`", "your `REDIS_URL` is kept"),
        ("volume `redis-data` in `docker-compose.yml`", "`external` is new"),
        ("dependency `redis>=5.0` in `pyproject.toml`", "it is `redis>=6.1`"),
        (
            "settings `redis_url, redis_key_prefix` in `settings.py`",
            "your type or default of `redis_key_prefix` is kept",
        ),
        ("wiring `core.cache.ready in READINESS` in `wiring.py`", "your entry for `redis` is kept"),
    ):
        assert f"changed: {place} of redis: {differs}" in shown
    known = component(shop, "redis")
    assert known["state"] == "modified"
    assert known["missing"] == []


def test_status_names_an_entry_that_a_merge_left_twice(shop: Shop) -> None:
    shop.add("redis")
    entry = "    db.database.lifespan,\n"
    replace(shop, "wiring.py", entry, entry * 2)
    shown = " ".join(shop.run("status").stdout.split())
    assert "of redis: `db.database.lifespan` is in `LIFESPANS` more than once" in shown


def test_status_names_the_missing_lines_of_a_block(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, "settings.py", '    redis_url: str = "redis://localhost:6379/0"\n', "")
    replace(shop, ".env.example", "REDIS_KEY_PREFIX=shop:\n", "")
    shown = " ".join(shop.run("status").stdout.split())
    assert "missing: settings `redis_url` in `settings.py` of redis" in shown
    assert "missing: environment `REDIS_KEY_PREFIX` in `.env.example` of redis" in shown


def test_status_leaves_out_values_that_were_there_before_the_component(shop: Shop) -> None:
    replace(shop, "pyproject.toml", '  "sqlalchemy', '  "redis>=6.1",\n  "sqlalchemy')
    shop.add("redis")
    assert component(shop, "redis")["state"] == "installed"
