"""Finding a project and reading what edits need."""

from pathlib import Path

import pytest

from paxx import project, record
from paxx.changes import Status, Step
from paxx.errors import FileSyntaxError, UnsupportedProject
from paxx.workspace import Workspace


def make(root: Path, pyproject: str = '[project]\nname = "my-shop"\n') -> Path:
    (root / "pyproject.toml").write_text(pyproject)
    (root / "wiring.py").write_text("")
    return root


def test_the_project_is_found_from_a_directory_below(tmp_path: Path) -> None:
    (make(tmp_path) / "core" / "deep").mkdir(parents=True)
    found = project.load(tmp_path / "core" / "deep")
    assert found.root == tmp_path.resolve()
    assert (found.name, found.slug) == ("my-shop", "my_shop")


def test_the_changes_of_a_workspace_end_with_the_record(tmp_path: Path) -> None:
    record_path = f"{project.RECORDS}/redis.json"
    planned = Workspace(project.load(make(tmp_path)))
    planned.after |= dict.fromkeys((record_path, "wiring.py", "core/cache.py"), b"new")
    assert [each.path for each in planned.changes()] == ["core/cache.py", "wiring.py", record_path]


def test_outside_a_project_the_error_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "other"\n')
    with pytest.raises(UnsupportedProject, match="not in a project that paxx knows") as caught:
        project.load(tmp_path)
    assert caught.value.code == 3
    assert "paxx bootstrap NAME" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("pyproject", "message"),
    [
        ('[tool.poetry]\nname = "shop"\n', r"pyproject.toml: dependencies are kept in `\[tool.poe"),
        ("[tool.ruff]\n", r"no `\[project\]` table with a name"),
        ("[project]\nname = 3\n", "no `.project.` table with a name"),
        ("tool = 3\n", "no `.project.` table with a name"),
    ],
)
def test_an_unknown_layout_is_refused_with_the_reason(
    tmp_path: Path, pyproject: str, message: str
) -> None:
    with pytest.raises(UnsupportedProject, match=message):
        project.load(make(tmp_path, pyproject))


def test_a_pyproject_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileSyntaxError, match="pyproject.toml:1: not TOML"):
        project.load(make(tmp_path, "[project\n"))


def test_a_pyproject_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (make(tmp_path) / "pyproject.toml").write_bytes(b'[project]\nname = "caf\xe9"\n')
    with pytest.raises(FileSyntaxError, match="pyproject.toml: not UTF-8"):
        project.load(tmp_path)


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (make(tmp_path) / "pyproject.toml").write_bytes(b'\xef\xbb\xbf[project]\nname = "shop"\n')
    assert project.load(tmp_path).name == "shop"


def test_the_compose_file_is_the_one_that_docker_takes(tmp_path: Path) -> None:
    loaded = project.load(make(tmp_path))
    assert loaded.compose_file() == "docker-compose.yml"
    (tmp_path / "docker-compose.yaml").touch()
    assert loaded.compose_file() == "docker-compose.yaml"
    (tmp_path / "compose.yml").touch()
    assert loaded.compose_file() == "compose.yml"


def test_settings_may_be_a_package(tmp_path: Path) -> None:
    loaded = project.load(make(tmp_path))
    assert loaded.settings_files() == ()
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "base.py").touch()
    assert loaded.settings_files() == ("settings/base.py",)
    (tmp_path / "settings.py").touch()
    assert loaded.settings_files() == ("settings.py",)


STEPS = (
    Step("redis", "file", "core/cache.py", "core/cache.py", Status.PLANNED),
    Step("redis", "dependency", "pyproject.toml", "redis>=5.0", Status.PLANNED),
    Step("redis", "service", "docker-compose.yml", "redis", Status.KEPT),
)


def reader(path: str, content: bytes) -> project.Reader:
    return lambda asked: content if asked == path else None


FRESH = record.Record("redis", "1.0", {"core/cache.py": record.digest(b"new")}, {})


def test_a_record_survives_the_disk() -> None:
    known = record.updated(FRESH, STEPS)
    assert known.edits == {
        ("pyproject.toml", "dependency", "redis>=5.0"): record.Trace("added"),
        ("docker-compose.yml", "service", "redis"): record.Trace("kept"),
    }
    stored = record.render(known)
    assert record.load(reader(".paxx/components/redis.json", stored), "redis") == known


def test_what_an_earlier_run_added_stays_known_as_added() -> None:
    again = [Step("redis", "dependency", "pyproject.toml", "redis>=5.0", Status.ALREADY)]
    assert record.updated(record.updated(FRESH, STEPS), again) == record.updated(FRESH, STEPS)
    assert record.Trace("added") not in record.updated(FRESH, again).edits.values()


@pytest.mark.parametrize("content", [b"<<<<<<< HEAD\n{}", b"[]", b"{}", b'{"schema": 1}'])
def test_a_damaged_record_is_refused_with_a_way_out(content: bytes) -> None:
    with pytest.raises(FileSyntaxError, match="this file is damaged") as caught:
        record.load(reader(".paxx/components/redis.json", content), "redis")
    assert caught.value.path == ".paxx/components/redis.json"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{\n  "schema": 1,\n<<<<<<< HEAD\n', ":3: this file is damaged: it has merge markers"),
        (b'{\n  "a": 1\n>>>>>>> b\n}', ":3: this file is damaged: it has merge markers"),
        (b'{\n  "schema": 1,\n x', ":3: this file is damaged: JSON is malformed: object keys"),
        (b"{", ": this file is damaged: Input data was truncated"),
    ],
)
def test_damage_is_told_with_its_line(content: bytes, told: str) -> None:
    with pytest.raises(FileSyntaxError) as caught:
        record.load(reader(".paxx/components/redis.json", content), "redis")
    assert str(caught.value).startswith(f".paxx/components/redis.json{told}")
    assert "byte" not in str(caught.value)


def test_a_record_of_a_newer_paxx_is_refused() -> None:
    content = record.render(FRESH).replace(b": 1,", b": 2,", 1)
    with pytest.raises(FileSyntaxError, match="has schema 2, this paxx reads 1"):
        record.load(reader(".paxx/components/redis.json", content), "redis")


@pytest.mark.parametrize(
    ("content", "state"), [(b"new", "installed"), (b"edited", "modified"), (None, "modified")]
)
def test_the_state_tells_what_the_user_did(content: bytes | None, state: str) -> None:
    assert record.state_of(FRESH, lambda _: content) == state
