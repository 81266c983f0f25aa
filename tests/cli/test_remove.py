"""`paxx infra remove`: what was added goes, what the user made stays."""

import itertools
import shutil
import subprocess
from pathlib import Path

import pytest

from paxx import catalog
from tests.harness import Run, Shop, changed_lines, tree
from tests.tiers import tiered

pytestmark = pytest.mark.integration

COMPONENTS = catalog.names()
ENDINGS = ("lf", "crlf")


def as_windows(shop: Shop) -> None:
    """Give the files that paxx edits `\\r\\n` line endings."""
    for path in ("pyproject.toml", "wiring.py", "settings.py", "docker-compose.yml"):
        file = shop / path
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def replace(shop: Shop, path: str, old: str, new: str) -> None:
    text = (shop / path).read_text()
    assert old in text
    (shop / path).write_text(text.replace(old, new))


@pytest.mark.parametrize("endings", ENDINGS)
@pytest.mark.parametrize("name", COMPONENTS)
def test_add_then_remove_is_nothing_at_all(shop: Shop, name: str, endings: str) -> None:
    if endings == "crlf":
        as_windows(shop)
    before = shop.tree()
    folders = sorted(path for path in shop.root.rglob("*") if path.is_dir())
    assert shop.add(name, "--yes").code == 0
    assert shop.remove(name, "--cascade").code == 0
    for other in shop.installed():
        assert shop.remove(other).code == 0
    assert shop.tree() == before
    assert sorted(path for path in shop.root.rglob("*") if path.is_dir()) == folders


Order = tuple[str, str, str]
ORDERS = [(*pair, endings) for pair in itertools.permutations(COMPONENTS, 2) for endings in ENDINGS]


def is_default(order: Order) -> bool:
    """Return whether a change needs it: each pair once, half of them with `\\r\\n`."""
    first, second, endings = order
    distance = COMPONENTS.index(second) - COMPONENTS.index(first)
    return distance > 0 and endings == ENDINGS[distance % 2]


@pytest.mark.slow
@pytest.mark.parametrize("order", tiered(ORDERS, is_default=is_default, identify="-".join))
def test_pairs_in_every_order(shop: Shop, order: Order) -> None:
    first, second, endings = order
    if endings == "crlf":
        as_windows(shop)
    before = shop.tree()
    assert shop.add(second, "--without-requires").code == 0
    alone = shop.tree()
    shop.restore(before)
    assert shop.add(first, "--without-requires").code == 0
    assert shop.add(second, "--without-requires").code == 0
    both = shop.tree()
    assert shop.remove(first).code == 0
    assert shop.tree() == alone
    assert shop.remove(second).code == 0
    assert shop.tree() == before
    shop.restore(both)
    assert shop.remove(first, second).code == 0
    assert shop.tree() == before


def test_all_of_them_at_once(shop: Shop) -> None:
    before = shop.tree()
    assert shop.add(*COMPONENTS).code == 0
    assert shop.remove(*COMPONENTS).code == 0
    assert shop.tree() == before


def test_removing_twice_changes_nothing(shop: Shop) -> None:
    shop.add("redis")
    assert shop.remove("redis").code == 0
    before = shop.tree()
    outcome = shop.remove("redis")
    assert outcome.code == 0
    assert " ".join(outcome.stdout.split()) == (
        f"nothing to do in `{shop.root}` warning: `redis` is not installed"
    )
    assert shop.tree() == before


def test_of_several_the_one_that_is_not_installed_is_named(shop: Shop) -> None:
    shop.add("redis")
    document = shop.remove("redis", "metrics", "metrics", "--json").json
    assert (document["components"], document["exit_code"]) == (["redis"], 0)
    assert [each for each in document["warnings"] if "installed" in each] == [
        "`metrics` is not installed"
    ]


@pytest.mark.parametrize("flag", ["--dry-run", "--diff", "--check"])
def test_a_preview_changes_nothing(shop: Shop, flag: str) -> None:
    shop.add("redis")
    before = shop.tree()
    outcome = shop.remove("redis", flag)
    assert outcome.code == (10 if flag == "--check" else 0)
    assert "core/cache.py" in outcome.stdout
    assert shop.tree() == before


def test_the_preview_is_what_is_done(shop: Shop) -> None:
    shop.add("redis")
    planned = shop.remove("redis", "--dry-run", "--json").json
    applied = shop.remove("redis", "--json").json
    assert (planned["status"], applied["status"]) == ("planned", "applied")
    assert planned["changes"] == applied["changes"]
    actions = {change["path"]: change["action"] for change in applied["changes"]}
    assert actions["core/cache.py"] == "delete"


def test_an_unknown_name_suggests_the_nearest(shop: Shop) -> None:
    outcome = shop.remove("redsi")
    assert outcome.code == 2
    assert "did you mean `redis`?" in outcome.stderr


def test_a_file_that_the_user_changed_stays(shop: Shop) -> None:
    shop.add("redis")
    with (shop / "core/cache.py").open("a") as file:
        file.write("# mine\n")
    mine = (shop / "core/cache.py").read_bytes()
    assert shop.remove("redis").code == 4  # it imports files that would go
    outcome = shop.remove("redis", "--force")
    assert outcome.code == 5
    assert "manual step: `core/cache.py`: you changed it, so it stays" in outcome.stdout
    assert (shop / "core/cache.py").read_bytes() == mine
    assert not (shop / "core/_redis/client.py").exists()
    assert shop.installed() == []


def test_a_file_that_the_user_deleted_is_not_missed(shop: Shop) -> None:
    before = shop.tree()
    shop.add("redis")
    (shop / "core/cache.py").unlink()
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_a_setting_that_the_user_changed_stays(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, "settings.py", "redis://localhost:6379/0", "redis://production:6379/3")
    outcome = shop.remove("redis")
    text = (shop / "settings.py").read_text()
    assert 'redis_url: str = "redis://production:6379/3"' in text
    assert "redis_key_prefix" not in text
    assert outcome.code in {0, 5}


def test_a_service_that_the_user_changed_stays(shop: Shop) -> None:
    shop.add("redis")
    replace(shop, "docker-compose.yml", '"--appendonly", "yes"', '"--save", "60", "1"')
    outcome = shop.remove("redis")
    assert outcome.code == 5
    assert '"--save", "60", "1"' in (shop / "docker-compose.yml").read_text()
    assert "`redis` in `docker-compose.yml`" in outcome.stdout


def test_what_was_there_before_paxx_stays(shop: Shop) -> None:
    replace(
        shop,
        "pyproject.toml",
        '  "sqlalchemy',
        '  "redis>=5.2",\n  "sqlalchemy',
    )
    before = (shop / "pyproject.toml").read_bytes()
    shop.add("redis")
    assert shop.remove("redis").code == 0
    assert (shop / "pyproject.toml").read_bytes() == before


def test_extras_that_were_added_go_again(shop: Shop) -> None:
    replace(
        shop,
        "pyproject.toml",
        '  "pydantic-settings',
        '  "opentelemetry-sdk",\n  "pydantic-settings',
    )
    before = shop.tree()
    shop.add(*COMPONENTS)
    shop.remove(*COMPONENTS)
    assert shop.tree() == before


def test_edits_of_the_user_around_ours_survive(shop: Shop) -> None:
    shop.add("redis", "metrics")
    replace(shop, "settings.py", "    # Redis\n", "    mine: int = 1  # theirs\n\n    # Redis\n")
    replace(shop, "wiring.py", "    core.cache.lifespan,\n", "    core.cache.lifespan,\n    # x\n")
    replace(shop, ".env.example", "REDIS_KEY_PREFIX", "MINE=1\nREDIS_KEY_PREFIX")
    shop.remove("metrics", "redis")
    assert "    mine: int = 1  # theirs\n" in (shop / "settings.py").read_text()
    assert "    # x\n" in (shop / "wiring.py").read_text()
    assert "MINE=1\n" in (shop / ".env.example").read_text()


def test_another_component_keeps_what_it_needs(shop: Shop) -> None:
    shop.add("redis", "arq")
    outcome = shop.remove("redis")
    assert outcome.code == 0
    assert "  redis:\n" in (shop / "docker-compose.yml").read_text()
    kept = [line for line in outcome.stdout.splitlines() if line.startswith("kept: ")]
    assert kept == [
        "kept: `redis` in `docker-compose.yml`: needed by `arq`",
        "kept: `redis-data` in `docker-compose.yml`: needed by `arq`",
        "kept: `redis>=5.0` in `pyproject.toml`: needed by `arq`",
    ]
    assert "volume rm" not in outcome.stdout


def test_code_that_would_break_stops_it_and_is_listed(shop: Shop) -> None:
    shop.add("redis")
    (shop / "features/prices.py").write_text(
        '"""Prices."""\n\nimport redis.asyncio\nfrom core.cache import cached\n'
        "from settings import settings\n\nURL = settings.redis_url\n"
    )
    before = shop.tree()
    outcome = shop.remove("redis")
    assert (outcome.code, outcome.stdout) == (4, "")
    assert outcome.stderr.splitlines() == [
        "error: what `redis` brought is still used; nothing was written",
        "  features/prices.py  line 3  redis",
        "  features/prices.py  line 4  core.cache",
        "  features/prices.py  line 7  settings.redis_url",
        "hint: change or delete this code first, or pass `--force` to proceed anyway",
    ]
    assert shop.tree() == before


@pytest.mark.parametrize("form", ["--dry-run", "--diff", "--check", "--strict"])
def test_every_form_stops_at_code_that_would_break(shop: Shop, form: str) -> None:
    shop.add("redis")
    (shop / "main.py").write_text("from core import cache\n")
    outcome = shop.remove("redis", form)
    assert (outcome.code, outcome.stdout) == (4, "")
    assert "  main.py  line 1  core.cache\n" in outcome.stderr


def test_the_document_lists_code_that_would_break(shop: Shop) -> None:
    shop.add("redis")
    (shop / "main.py").write_text("from core import cache\n")
    document = shop.remove("redis", "--json").json
    used = [each for each in document["steps"] if each["kind"] == "use"]
    assert [(each["path"], each["key"], each["note"]) for each in used] == [
        ("main.py", "core.cache", "line 1")
    ]
    assert (document["exit_code"], document["changes"]) == (4, [])


def test_force_removes_what_code_still_uses(shop: Shop) -> None:
    shop.add("redis")
    (shop / "features/prices.py").write_text("from core.cache import cached\n")
    outcome = shop.remove("redis", "--force")
    assert outcome.code == 5
    assert "manual step: `features/prices.py` still uses `core.cache`: line 1\n" in outcome.stdout
    assert not (shop / "core/cache.py").exists()


@pytest.mark.parametrize(
    "line", ["LIFESPANS.append(core.cache.lifespan)", "from core.cache import cached"]
)
def test_an_import_in_a_file_that_is_edited_anyway_stops_it(shop: Shop, line: str) -> None:
    shop.add("redis")
    with (shop / "wiring.py").open("a") as file:
        file.write(f"{line}\n")
    outcome = shop.remove("redis")
    assert outcome.code == 4
    assert "  wiring.py  line " in outcome.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [("docker-compose.yml", "compose.yaml"), ("settings.py", "settings/__init__.py")],
)
def test_a_file_that_got_another_name_is_followed(shop: Shop, old: str, new: str) -> None:
    (shop / "settings").mkdir(exist_ok=new.startswith("settings"))
    before = shop.tree()
    assert shop.add("redis", "arq").code == 0
    (shop / old).rename(shop / new)
    assert shop.remove("redis", "arq").code == 0
    before[new] = before.pop(old)
    assert shop.tree() == before


def test_the_record_follows_a_file_when_something_is_added(shop: Shop) -> None:
    shop.add("redis")
    before = shop.tree()
    (shop / "docker-compose.yml").rename(shop / "compose.yml")
    assert shop.add("redis").code == 0
    changed = {path for path, content in shop.tree().items() if before.get(path) != content}
    assert changed == {"compose.yml", ".paxx/components/redis.json"}
    assert "nothing to do" in shop.add("redis").stdout


def test_what_paxx_no_longer_looks_at_is_listed(shop: Shop) -> None:
    shop.add("redis")
    shutil.copy(shop / "docker-compose.yml", shop / "compose.yaml")  # which Docker prefers
    outcome = shop.remove("redis")
    assert outcome.code == 5
    assert "service `redis` in `docker-compose.yml`: it is no longer looked at here" in (
        outcome.stdout
    )


def test_a_link_of_an_editor_is_no_obstacle(shop: Shop) -> None:
    shop.add("redis")
    (shop / "features/.#orders.py").symlink_to("user@host.1:2")
    assert shop.remove("redis").code == 0


@pytest.mark.usefixtures("compose_program")
def test_volumes_and_dotenv_are_left_with_the_steps_for_them(shop: Shop) -> None:
    shop.add("redis")
    (shop / ".env").write_text("REDIS_URL=redis://mine\nOTHER=1\n")
    before = (shop / ".env").read_bytes()
    outcome = shop.remove("redis")
    assert (shop / ".env").read_bytes() == before
    assert "docker volume rm shop_redis-data" in outcome.stdout
    assert "docker compose up --detach --remove-orphans" in outcome.stdout
    assert "delete `REDIS_URL` from `.env`" in outcome.stdout


@pytest.mark.usefixtures("compose_program")
def test_the_volume_has_the_name_that_compose_gives_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMPOSE_PROJECT_NAME", raising=False)
    replace(shop, "docker-compose.yml", 'name: "shop"', "name: my-shop")
    for name in ("my-shop", "acme", "other"):
        shop.add("redis")
        assert f"docker volume rm {name}_redis-data" in shop.remove("redis").stdout
        if name == "my-shop":
            (shop / ".env").write_text("COMPOSE_PROJECT_NAME=acme\n")
        else:
            monkeypatch.setenv("COMPOSE_PROJECT_NAME", "other")


@pytest.mark.usefixtures("sample_catalog")
class TestSamples:
    """What the format can express beyond the components that ship."""

    def test_dependants_stop_it(self, shop: Shop) -> None:
        shop.add("queue", "--yes")
        before = shop.tree()
        outcome = shop.remove("cache")
        assert outcome.code == 4
        assert "`queue` needs `cache`" in outcome.stderr
        assert "--cascade" in outcome.stderr
        assert shop.tree() == before

    def test_cascade_takes_them_along(self, shop: Shop) -> None:
        before = shop.tree()
        shop.add("queue", "--yes")
        assert shop.remove("cache", "--cascade").code == 0
        assert shop.tree() == before

    def test_what_came_late_goes_with_its_reason(self, shop: Shop) -> None:
        shop.add("live")
        before = shop.tree()
        shop.add("cache")
        assert shop.remove("cache").code == 0
        assert shop.tree() == before

    @pytest.mark.parametrize("order", list(itertools.permutations(["cache", "queue", "live"])))
    def test_samples_in_every_order(self, shop: Shop, order: tuple[str, ...]) -> None:
        before = shop.tree()
        shop.add("cache", "queue", "geo", "live")
        for name in (*order, "geo"):
            shop.remove(name, "--cascade")
        assert shop.tree() == before

    def test_an_image_comes_back_as_it_was(self, shop: Shop) -> None:
        replace(shop, "docker-compose.yml", "postgres:17-alpine", "postgres:16.2-alpine")
        before = shop.tree()
        shop.add("geo")
        assert shop.remove("geo").code == 0
        assert shop.tree() == before

    def test_an_image_that_was_changed_since_stays(self, shop: Shop) -> None:
        shop.add("geo")
        replace(shop, "docker-compose.yml", "postgis/postgis:17-3.5", "postgis/postgis:18-3.6")
        outcome = shop.remove("geo")
        assert outcome.code == 5
        assert "postgis/postgis:18-3.6-alpine" in (shop / "docker-compose.yml").read_text()

    def test_files_that_paxx_made_go_when_they_are_empty(self, shop: Shop) -> None:
        for path in (".env.example", "docker-compose.yml", ".gitignore"):
            (shop / path).unlink()
        before = shop.tree()
        shop.add("cache", "queue", "live", "--without-requires")
        for name in ("cache", "live", "queue"):
            shop.remove(name, "--cascade")
        assert shop.tree() == before


def test_without_its_pristine_copy_nothing_is_removed(shop: Shop) -> None:
    shop.add("redis")
    (shop / ".paxx/base/redis/component.toml.pristine").unlink()
    before = shop.tree()
    outcome = shop.remove("redis")
    assert outcome.code == 4
    assert "restore it from version control" in outcome.stderr
    assert shop.tree() == before


def test_uncommitted_changes_stop_it(shop: Shop) -> None:
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@y", "-C", str(shop.root)]
    subprocess.run(["git", "init", "--quiet", str(shop.root)], check=True)
    shop.add("redis")
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "x"], check=True)
    with (shop / "wiring.py").open("a") as file:
        file.write("# x\n")
    outcome = shop.remove("redis")
    assert outcome.code == 4
    assert "uncommitted changes in `wiring.py`" in outcome.stderr
    assert shop.remove("redis", "--allow-dirty").code == 0


def test_only_lines_of_ours_go(shop: Shop) -> None:
    before = shop.tree()
    shop.add("redis")
    after = shop.tree()
    shop.remove("redis")
    for path in ("wiring.py", "settings.py", "docker-compose.yml", ".env.example"):
        gone, came = changed_lines(after[path], (shop / path).read_bytes())
        came_with_add = changed_lines(before[path], after[path])[1]
        assert sorted(gone) == sorted(came_with_add)
        assert not came


def test_below_the_project_will_do(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.add("redis")
    monkeypatch.chdir(shop / "core")
    assert shop.remove("redis").code == 0
    assert not Path("cache.py").exists()


def test_a_file_that_does_not_parse_stops_it(shop: Shop) -> None:
    shop.add("redis")
    (shop / "wiring.py").write_text("LIFESPANS = [\n")
    before = shop.tree()
    outcome = shop.remove("redis")
    assert outcome.code == 3
    assert "wiring.py:" in outcome.stderr
    assert shop.tree() == before


def test_another_component_without_its_copy_does_not_matter(shop: Shop) -> None:
    shop.add("metrics")
    shutil.rmtree(shop / ".paxx/base/metrics")
    before = shop.tree()
    shop.add("redis")
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_the_example_goes_like_a_component(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--output-dir", str(tmp_path), "--no-git", "--no-sync", "--yes")
    run("bootstrap", "mine", *where)
    (tmp_path / "other").mkdir()
    run("bootstrap", "mine", "--example", "--output-dir", str(tmp_path / "other"), *where[2:])
    monkeypatch.chdir(tmp_path / "other/mine")
    assert run("infra", "remove", "example", "--no-sync").code == 0
    assert tree(tmp_path / "other/mine") == tree(tmp_path / "mine")


def test_what_paxx_does_not_know_does_not_matter(shop: Shop) -> None:
    shop.add("redis")
    known = (shop / ".paxx/components/redis.json").read_text()
    (shop / ".paxx/components/ghost.json").write_text(known.replace('"redis"', '"ghost"', 1))
    outcome = shop.remove("redis", "--force")
    assert outcome.code == 5  # what the ghost needs stays, and imports what is gone
    assert "needed by `ghost`" in outcome.stdout
    assert shop.installed() == ["ghost"]


@pytest.mark.parametrize(
    ("path", "old", "new", "name"),
    [
        ("settings.py", "redis_url: str", "redis_url: RedisDsn", "redis_url"),
        ("settings.py", '= "shop:"', '= "shop:"  # ours', "redis_key_prefix"),
        (".env.example", "REDIS_URL=redis://localhost", "REDIS_URL=redis://cache", "REDIS_URL"),
        (".env.example", "REDIS_KEY_PREFIX", "export REDIS_KEY_PREFIX", "REDIS_KEY_PREFIX"),
    ],
)
def test_one_of_several_entries_that_the_user_changed_is_listed(
    shop: Shop, path: str, old: str, new: str, name: str
) -> None:
    shop.add("redis")
    replace(shop, path, old, new)
    outcome = shop.remove("redis")
    assert outcome.code == 5
    assert f"in `{path}`: your `{name}` stays" in outcome.stdout
    assert new in (shop / path).read_text()


def test_entries_that_were_there_before_are_nothing_to_do(shop: Shop) -> None:
    replace(shop, "settings.py", "    # Logging", "    redis_url: str = ''\n\n    # Logging")
    replace(shop, ".env.example", "# Logging", "REDIS_URL=''\n\n# Logging")
    before = shop.tree()
    shop.add("redis")
    assert shop.remove("redis").code == 0
    assert shop.tree() == before


def test_a_service_and_a_volume_below_a_comment_of_the_user_stay(shop: Shop) -> None:
    shop.add("redis")
    replace(
        shop, "docker-compose.yml", "\n  redis:\n", "\n  # our cache, do not shrink\n  redis:\n"
    )
    replace(
        shop, "docker-compose.yml", "\n  redis-data:\n", "\n  # keep for audits\n  redis-data:\n"
    )
    outcome = shop.remove("redis")
    assert outcome.code == 5
    assert "`redis` has a comment of yours and stays" in outcome.stdout
    compose = (shop / "docker-compose.yml").read_text()
    assert "  # our cache, do not shrink\n  redis:\n" in compose
    assert "  # keep for audits\n  redis-data:\n" in compose
