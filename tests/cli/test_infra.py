"""`paxx infra list` and `paxx infra add`."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from paxx import __main__
from paxx.errors import ExitCode
from tests.harness import Run, Shop, changed_lines, tree


def test_list_shows_every_component_and_its_state(shop: Shop) -> None:
    assert shop.add("redis").code == 0
    rows = [line.split() for line in shop.run("infra", "list").stdout.splitlines()]
    assert rows[0] == ["NAME", "STATE", "SUMMARY"]
    states = {row[0]: row[1] for row in rows[1:]}
    assert states["redis"] == "installed"
    assert states["metrics"] == "available"


def test_list_tells_what_the_user_changed(shop: Shop) -> None:
    shop.add("redis")
    with (shop / "core/cache.py").open("a") as file:
        file.write("# mine\n")
    components = shop.run("infra", "list", "--json").json["components"]
    assert {each["name"]: each["state"] for each in components}["redis"] == "modified"


def test_list_works_outside_a_project(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("infra", "list", "--json")
    assert {each["state"] for each in outcome.json["components"]} == {"available"}


def test_add_does_what_the_contract_lists(shop: Shop) -> None:
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert (shop / "core/cache.py").is_file()
    assert "redis:" in (shop / "docker-compose.yml").read_text()
    assert '"redis>=5.0"' in (shop / "pyproject.toml").read_text()
    assert 'redis_url: str = "redis://localhost:6379/0"' in (shop / "settings.py").read_text()
    assert "REDIS_URL=redis://localhost:6379/0\n" in (shop / ".env.example").read_text()
    assert "core.cache.lifespan" in (shop / "wiring.py").read_text()
    assert '"redis": core.cache.ready' in (shop / "wiring.py").read_text()
    assert (shop / "tests/core/test_cache.py").is_file()


def test_adding_twice_changes_nothing(shop: Shop) -> None:
    shop.add("redis", "metrics")
    before = shop.tree()
    outcome = shop.add("metrics", "redis")
    assert outcome.code == 0
    assert "nothing to do" in outcome.stdout
    assert shop.tree() == before


def test_the_order_does_not_show(pristine_shop: Path, shop: Shop) -> None:
    del pristine_shop
    start = shop.tree()
    results = []
    for commands in (
        [("redis",), ("metrics",)],
        [("metrics",), ("redis",)],
        [("redis", "metrics")],
    ):
        shop.restore(start)
        for names in commands:
            assert shop.add(*names).code == 0
        results.append(shop.tree())
    assert results[0] == results[1] == results[2]


def test_bootstrap_with_components_equals_adding_them(shop: Shop, tmp_path: Path, run: Run) -> None:
    (tmp_path / "at-once").mkdir()
    where = ("--output-dir", str(tmp_path / "at-once"), "--no-git", "--no-sync", "--yes")
    run("bootstrap", "shop", "--with", "redis,metrics", *where)
    shop.add("redis", "metrics")
    assert shop.tree() == tree(tmp_path / "at-once" / "shop")


def test_a_directory_below_the_project_will_do(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop / "core")
    assert shop.add("redis").code == 0
    assert (shop / "core/cache.py").is_file()


def test_outside_a_project_it_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = run("infra", "add", "redis")
    assert outcome.code == 3
    assert "not in a project that paxx knows" in outcome.stderr


def test_an_unknown_component_suggests_the_nearest(shop: Shop) -> None:
    before = shop.tree()
    outcome = shop.add("redsi")
    assert outcome.code == 2
    assert "hint: did you mean `redis`?" in outcome.stderr
    assert shop.tree() == before


@pytest.mark.parametrize("flag", ["--dry-run", "--diff", "--check"])
def test_a_preview_changes_nothing(shop: Shop, flag: str) -> None:
    before = shop.tree()
    outcome = shop.add("redis", flag)
    assert outcome.code == (10 if flag == "--check" else 0)
    assert outcome.stdout
    assert shop.tree() == before


def test_check_is_zero_when_there_is_nothing_to_do(shop: Shop) -> None:
    shop.add("redis")
    assert shop.add("redis", "--check").code == 0


def test_the_diff_is_what_is_applied(shop: Shop, tmp_path: Path) -> None:
    diff = shop.add("redis", "metrics", "--full-diff").stdout
    before = shop.tree()
    shop.add("redis", "metrics")
    after = shop.tree()
    shop.restore(before)
    (tmp_path / "plan.diff").write_text(diff)
    subprocess.run(["git", "apply", "--unsafe-paths", str(tmp_path / "plan.diff")], check=True)
    assert shop.tree() == after


def test_json_is_one_document_with_the_same_plan(shop: Shop) -> None:
    planned = shop.add("redis", "--dry-run", "--json").json
    applied = shop.add("redis", "--json").json
    assert (planned["status"], applied["status"]) == ("planned", "applied")
    assert planned["changes"] == applied["changes"]
    assert shop.add("redis", "--json").json["status"] == "unchanged"


def test_json_tells_errors_too(shop: Shop) -> None:
    outcome = shop.add("redsi", "--json")
    document = json.loads(outcome.stdout)
    assert document["exit_code"] == outcome.code == 2
    assert document["error"]["message"] == "no component is called `redsi`"
    assert "error: " in outcome.stderr


@pytest.mark.usefixtures("sample_catalog")
class TestRequirements:
    """Components that need others."""

    def test_without_a_terminal_nothing_is_guessed(self, shop: Shop) -> None:
        before = shop.tree()
        outcome = shop.add("queue")
        assert outcome.code == 2
        assert "`queue` needs `cache`" in outcome.stderr
        assert "--yes" in outcome.stderr
        assert "--without-requires" in outcome.stderr
        assert shop.tree() == before

    def test_yes_adds_what_is_needed(self, shop: Shop) -> None:
        assert shop.add("queue", "--yes").code == 0
        assert (shop / "core/store.py").is_file()

    def test_yes_is_understood_where_nothing_is_asked(self, shop: Shop) -> None:
        before = shop.tree()
        assert shop.add("cache", "--yes").code == 0
        assert shop.run("infra", "upgrade", "--all", "--no-sync", "--yes").code == 0
        assert shop.run("infra", "remove", "cache", "--no-sync", "--yes").code == 0
        assert shop.run("feature", "create", "teas", "--no-sync", "--yes").code == 0
        assert shop.run("feature", "remove", "teas", "--no-sync", "--yes").code == 0
        assert shop.tree() == before

    def test_list_names_what_a_component_requires(self, shop: Shop) -> None:
        assert "(requires cache)" in shop.run("infra", "list").stdout

    def test_without_requires_adds_it_alone(self, shop: Shop) -> None:
        assert shop.add("queue", "--without-requires").code == 0
        assert (shop / "core/queue.py").is_file()
        assert not (shop / "core/store.py").exists()

    def test_what_is_there_is_not_asked_for(self, shop: Shop) -> None:
        shop.add("cache")
        assert shop.add("queue").code == 0

    def test_an_optional_service_is_used_whichever_comes_first(self, shop: Shop) -> None:
        start = shop.tree()
        shop.add("live")
        assert "LIVE_URL: redis" not in (shop / "docker-compose.yml").read_text()
        shop.add("cache")
        late = shop.tree()
        assert "LIVE_URL: redis://cache:6379/2" in (shop / "docker-compose.yml").read_text()
        shop.restore(start)
        shop.add("cache")
        shop.add("live")
        compose = "docker-compose.yml"
        assert (shop / compose).read_bytes() == late[compose]

    def test_an_image_is_replaced_keeping_version_and_variant(self, shop: Shop) -> None:
        before = (shop / "docker-compose.yml").read_bytes()
        assert shop.add("geo").code == 0
        gone, came = changed_lines(before, (shop / "docker-compose.yml").read_bytes())
        assert [line.split() for line in gone] == [[b"image:", b"postgres:17-alpine"]]
        assert [line.split() for line in came] == [[b"image:", b"postgis/postgis:17-3.5-alpine"]]
        assert (shop / "core/geo.py").read_text() == '"""Geography of shop."""\n'

    def test_lines_of_text_files_are_added(self, shop: Shop) -> None:
        shop.add("queue", "--yes")
        assert (shop / ".gitignore").read_text().splitlines()[-1] == "/queue-dumps/"
        assert '"fakeredis>=2.20"' in (shop / "pyproject.toml").read_text()

    def test_all_sample_components_in_any_order_give_the_same(self, shop: Shop) -> None:
        start = shop.tree()
        results = []
        for names in (["cache", "queue", "geo", "live"], ["live", "geo", "cache", "queue"]):
            shop.restore(start)
            for name in names:
                assert shop.add(name).code == 0
            results.append(shop.tree())
        assert results[0] == results[1]


class TestOwnedFiles:
    """Files that a component brings."""

    def test_a_foreign_file_of_that_name_is_never_overwritten(self, shop: Shop) -> None:
        (shop / "core/cache.py").write_text("# mine\n")
        before = shop.tree()
        outcome = shop.add("redis")
        assert outcome.code == 4
        assert "`core/cache.py` exists and is not what `redis` would write" in outcome.stderr
        assert shop.tree() == before

    def test_the_same_content_is_adopted(self, shop: Shop) -> None:
        shop.add("redis")
        after = shop.tree()
        for path in [path for path in after if path.startswith(".paxx/")]:
            (shop / path).unlink()
        assert shop.add("redis").code == 0
        assert set(shop.tree()) == set(after)

    def test_a_file_that_the_user_edited_is_kept(self, shop: Shop) -> None:
        shop.add("redis")
        (shop / "core/cache.py").write_text("# mine\n")
        before = shop.tree()
        outcome = shop.add("redis")
        assert outcome.code == 0
        assert "kept: `core/cache.py`: you changed it" in outcome.stdout
        assert shop.tree() == before

    def test_a_file_that_the_user_deleted_comes_back(self, shop: Shop) -> None:
        shop.add("redis")
        before = shop.tree()
        (shop / "core/cache.py").unlink()
        assert shop.add("redis").code == 0
        assert shop.tree() == before

    def test_a_setting_that_the_user_deleted_comes_back(self, shop: Shop) -> None:
        shop.add("redis")
        before = shop.tree()
        text = (shop / "settings.py").read_text()
        lines = [line for line in text.splitlines(keepends=True) if "redis_url" not in line]
        (shop / "settings.py").write_text("".join(lines))
        assert shop.add("redis").code == 0
        assert "redis_url" in (shop / "settings.py").read_text()
        assert (shop / ".paxx/components/redis.json").read_bytes() == before[
            ".paxx/components/redis.json"
        ]


class TestBadInput:
    """Projects in a shape that an edit cannot take, or should not."""

    def refused(self, shop: Shop, message: str, code: int) -> None:
        before = shop.tree()
        outcome = shop.add("redis")
        assert (outcome.code, shop.tree()) == (code, before)
        assert message in outcome.stderr

    def manual(self, shop: Shop, path: str, snippet: str) -> None:
        before = (shop / path).read_bytes() if (shop / path).exists() else None
        outcome = shop.add("redis")
        assert outcome.code == 5, outcome.stderr
        assert snippet in outcome.stdout
        assert ((shop / path).read_bytes() if (shop / path).exists() else None) == before
        assert shop.add("redis").code == 5, "what is left by hand stays told"

    def test_settings_with_a_syntax_error(self, shop: Shop) -> None:
        (shop / "settings.py").write_text("class Settings(:\n")
        self.refused(shop, "settings.py:1: ", 3)

    def test_settings_without_a_settings_class(self, shop: Shop) -> None:
        (shop / "settings.py").write_text("redis = 3\n")
        self.manual(shop, "settings.py", 'redis_url: str = "redis://localhost:6379/0"')

    def test_two_settings_classes(self, shop: Shop) -> None:
        (shop / "settings.py").write_text(
            "from pydantic_settings import BaseSettings\n\n\n"
            "class First(BaseSettings):\n    a: int = 1\n\n\n"
            "class Second(BaseSettings):\n    b: int = 1\n"
        )
        self.manual(shop, "settings.py", "redis_url: str")

    def test_a_renamed_settings_class(self, shop: Shop) -> None:
        text = (shop / "settings.py").read_text()
        (shop / "settings.py").write_text(
            text.replace("Settings()", "Configuration()").replace(
                "class Settings(", "class Configuration("
            )
        )
        assert shop.add("redis").code == 0
        assert "redis_url" in (shop / "settings.py").read_text()

    def test_settings_split_into_a_package(self, shop: Shop) -> None:
        (shop / "settings").mkdir()
        (shop / "settings.py").rename(shop / "settings" / "base.py")
        (shop / "settings" / "__init__.py").write_text("from settings.base import Settings\n")
        assert shop.add("redis").code == 0
        assert "redis_url" in (shop / "settings/base.py").read_text()

    def test_no_settings_at_all(self, shop: Shop) -> None:
        (shop / "settings.py").unlink()
        self.manual(shop, "settings.py", "there is no `settings.py`")

    def test_no_compose_file(self, shop: Shop) -> None:
        (shop / "docker-compose.yml").unlink()
        outcome = shop.add("redis")
        assert outcome.code == 0
        assert "  redis:\n    image: redis:7-alpine\n" in (shop / "docker-compose.yml").read_text()
        assert "has no service for the application" in outcome.stdout

    def test_a_variable_of_two_alternatives_is_named_once(self, shop: Shop) -> None:
        (shop / "docker-compose.yml").unlink()
        told = " ".join(shop.add("websocket").stdout.split())
        assert "has no service for the application; set `WS_REDIS_URL` where it runs" in told

    def test_a_compose_file_in_flow_style(self, shop: Shop) -> None:
        (shop / "docker-compose.yml").write_text("services: {app: {build: .}}\n")
        self.manual(shop, "docker-compose.yml", "image: redis:7-alpine")

    def test_a_compose_file_that_does_not_parse(self, shop: Shop) -> None:
        (shop / "docker-compose.yml").write_text("services:\n\tapp: {}\n")
        self.refused(shop, "docker-compose.yml:2: ", 3)

    def test_a_redis_service_of_the_users_own(self, shop: Shop) -> None:
        text = (shop / "docker-compose.yml").read_text()
        own = "services:\n  redis:\n    image: valkey/valkey:8  # ours\n"
        (shop / "docker-compose.yml").write_text(text.replace("services:\n", own, 1))
        outcome = shop.add("redis")
        assert outcome.code == 0
        assert "kept: `redis` in `docker-compose.yml`" in outcome.stdout
        after = (shop / "docker-compose.yml").read_text()
        assert "valkey/valkey:8  # ours" in after
        assert "redis:7-alpine" not in after
        assert "REDIS_URL" in after

    def test_a_port_that_is_published_already(self, shop: Shop) -> None:
        text = (shop / "docker-compose.yml").read_text()
        other = 'services:\n  legacy:\n    image: x\n    ports:\n      - "6379:6379"\n'
        (shop / "docker-compose.yml").write_text(text.replace("services:\n", other, 1))
        outcome = shop.add("redis")
        assert "warning: port 6379 is published by service `legacy`" in outcome.stdout

    @pytest.mark.parametrize(
        "pin", ["redis[hiredis]==5.2.1", "redis>=4.5", "redis>=4.5; python_version < '4'"]
    )
    def test_a_dependency_pinned_elsewhere_is_kept(self, shop: Shop, pin: str) -> None:
        text = (shop / "pyproject.toml").read_text()
        pinned = text.replace('"fastapi', f'"{pin}",\n  "fastapi', 1)
        (shop / "pyproject.toml").write_text(pinned)
        outcome = shop.add("redis")
        assert outcome.code == 0
        assert (shop / "pyproject.toml").read_text() == pinned
        assert ("kept: `redis>=5.0` in `pyproject.toml`" in outcome.stdout) is ("4.5" in pin)

    def test_a_dependency_that_cannot_go_together_is_left_to_the_user(self, shop: Shop) -> None:
        text = (shop / "pyproject.toml").read_text()
        (shop / "pyproject.toml").write_text(text.replace('"fastapi', '"redis<5",\n  "fastapi', 1))
        self.manual(shop, "pyproject.toml", "redis>=5.0")

    def test_dynamic_dependencies(self, shop: Shop) -> None:
        (shop / "pyproject.toml").write_text(
            '[project]\nname = "shop"\nversion = "1"\ndynamic = ["dependencies"]\n'
        )
        self.manual(shop, "pyproject.toml", "redis>=5.0")

    def test_a_poetry_layout(self, shop: Shop) -> None:
        (shop / "pyproject.toml").write_text('[tool.poetry]\nname = "shop"\n')
        self.refused(shop, "tool.poetry", 3)

    def test_a_list_in_wiring_that_is_computed(self, shop: Shop) -> None:
        text = (shop / "wiring.py").read_text()
        (shop / "wiring.py").write_text(text + "\nLIFESPANS = [*LIFESPANS]\n")
        outcome = shop.add("redis")
        assert outcome.code == 5
        assert "core.cache.lifespan" in outcome.stdout

    def test_a_wiring_file_without_a_list(self, shop: Shop) -> None:
        (shop / "wiring.py").write_text('"""Nothing here."""\n')
        outcome = shop.add("redis")
        assert outcome.code == 5
        assert "core.cache.ready" in outcome.stdout

    def test_a_file_that_is_not_utf8(self, shop: Shop) -> None:
        (shop / "settings.py").write_bytes(b"# caf\xe9\n")
        self.refused(shop, "settings.py: not UTF-8", 3)

    def test_merge_conflict_markers(self, shop: Shop) -> None:
        (shop / ".env.example").write_text("A=1\n<<<<<<< ours\nB=1\n=======\n>>>>>>> theirs\n")
        self.refused(shop, ".env.example:2: unresolved merge conflict", 3)

    def test_a_read_only_file(self, shop: Shop) -> None:
        (shop / "settings.py").chmod(0o444)
        self.refused(shop, "settings.py: no permission to write", 4)

    def test_a_damaged_record(self, shop: Shop) -> None:
        shop.add("redis")
        (shop / ".paxx/components/redis.json").write_text("<<<<<<<\n")
        self.refused(shop, ".paxx/components/redis.json:1: this file is damaged", 3)

    @pytest.mark.parametrize("path", ["settings.py", "docker-compose.yml", ".env.example"])
    def test_a_file_without_a_final_newline(self, shop: Shop, path: str) -> None:
        stripped = (shop / path).read_text().rstrip("\n")
        (shop / path).write_text(stripped)
        assert shop.add("redis").code == 0
        assert shop.add("redis", "--check").code == 0

    def test_a_write_that_fails_half_way_restores_everything(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = shop.tree()
        original = Path.replace
        calls = iter(range(1000))

        def failing(path: Path, target: Path) -> Path:
            if next(calls) == 4:
                raise OSError(28, "No space left on device")
            return original(path, target)

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", failing)
            outcome = shop.add("redis")
        assert outcome.code == 7
        assert "No space left on device; nothing was changed" in outcome.stderr
        assert shop.tree() == before

    def test_an_interrupt_restores_everything(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = shop.tree()

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", interrupted)
            outcome = shop.add("redis")
        assert outcome.code == 130
        assert shop.tree() == before

    def test_a_variable_that_is_set_in_dotenv_is_kept(self, shop: Shop) -> None:
        (shop / ".env").write_text("REDIS_URL=redis://elsewhere:1/0\n")
        outcome = shop.add("redis")
        assert (shop / ".env").read_text() == "REDIS_URL=redis://elsewhere:1/0\n"
        assert "warning: `.env` sets `REDIS_URL`" in outcome.stdout


@pytest.mark.parametrize("wanted", ["", "1"])
def test_a_bug_is_told_as_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, shop: Shop, wanted: str
) -> None:
    def broken(_: Path) -> None:
        raise ZeroDivisionError("division by zero")

    del shop
    monkeypatch.setattr("paxx.listing.components", broken)
    monkeypatch.setenv("PAXX_TRACEBACK", wanted)
    outcome = run("infra", "list")
    assert outcome.code == 1
    assert "error: internal error: ZeroDivisionError: division by zero" in outcome.stderr
    assert ("Traceback" in outcome.stderr) is bool(wanted)


def test_no_arguments_show_the_help(run: Run) -> None:
    outcome = run()
    assert outcome.code == 2
    assert "Usage: paxx" in outcome.stderr


def test_the_version_is_told(run: Run) -> None:
    assert run("--version").stdout.startswith("paxx ")


def test_the_entry_point_exits_with_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["paxx", "infra", "add"])
    with pytest.raises(SystemExit) as caught:
        __main__.main()
    assert caught.value.code == ExitCode.USAGE


def test_a_file_without_a_final_newline_shows_as_such(shop: Shop) -> None:
    (shop / ".env.example").write_text((shop / ".env.example").read_text().rstrip("\n"))
    diff = shop.add("websocket", "--diff").stdout
    assert "\n\\ No newline at end of file\n" in diff


@pytest.mark.parametrize("moment", ["import", "run"])
def test_an_interruption_while_it_starts_says_nothing(moment: str) -> None:
    script = {
        "import": """
import sys
from paxx import __main__
class Interrupting:
    def find_spec(self, name, *_):
        if name == "paxx.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
""",
        "run": """
from paxx import __main__, cli
def run(_):
    raise KeyboardInterrupt
cli.run = run
""",
    }
    outcome = subprocess.run(
        [sys.executable, "-c", f"{script[moment]}\n__main__.main()"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (130, "", "")


def test_a_stream_of_another_kind_is_written_to_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setattr("sys.argv", ["paxx", "--version"])
    with pytest.raises(SystemExit):
        __main__.main()
    assert stream.getvalue().startswith("paxx ")


@pytest.mark.usefixtures("compose_program")
def test_a_next_step_of_several_components_is_told_once(shop: Shop) -> None:
    outcome = shop.add("arq", "redis")
    assert outcome.stdout.count("  docker compose up -d redis\n") == 1


def test_a_setting_in_a_base_class_elsewhere_is_warned_of(shop: Shop) -> None:
    settings = shop / "settings.py"
    text = settings.read_text()
    assert "class Settings(BaseSettings)" in text
    text = text.replace("class Settings(BaseSettings)", "class Settings(Ours, BaseSettings)")
    settings.write_text(f"from ours import Ours\n{text}")
    warnings = shop.add("redis", "--json").json["warnings"]
    assert any("derives from `Ours`, which paxx does not read" in each for each in warnings)


def test_an_installed_component_that_this_paxx_lacks_may_be_named_again(
    shop: Shop, sample_catalog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sample_catalog.name == "components"
    assert shop.add("cache").code == 0
    before = shop.tree()
    monkeypatch.undo()
    monkeypatch.chdir(shop.root)
    assert shop.add("cache").code == 0
    assert shop.tree() == before
