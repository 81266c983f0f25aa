"""A file that is nested without end, or has an endless number, is named as what it is."""

import sys
from pathlib import Path

import pytest

from paxx import documents, project, uses
from paxx.doctor import environment
from paxx.errors import FileSyntaxError
from tests.cases.by_hand import replace
from tests.harness import Shop

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("no_programs")]

DEEP = 5000
BRACKETS = "[" * DEEP
COMMANDS = (
    ("infra", "list"),
    ("infra", "add", "redis", "--dry-run"),
    ("infra", "add", "redis", "--no-sync"),
    ("infra", "remove", "redis", "--check"),
    ("infra", "upgrade", "--all", "--diff"),
    ("feature", "list"),
    ("feature", "create", "orders", "name:str", "--dry-run"),
    ("feature", "remove", "orders", "--dry-run"),
    ("status",),
    ("doctor",),
)


def named(shop: Shop, path: str, *command: str) -> bool:
    """Run a command, which must not fail as one with a bug; tell whether it blames the file."""
    outcome = shop.run(*command)
    printed = outcome.stdout + outcome.stderr
    assert outcome.code != 1, printed
    assert "internal error" not in printed
    reasons = ("nested too deeply", "too many nested", "too many digits", "not Python")
    return outcome.code == 3 and path in printed and any(each in printed for each in reasons)


@pytest.mark.parametrize(
    "text",
    [
        f"x = {BRACKETS}",
        f"x = {'{a=' * DEEP}",
        f"x = {'9' * DEEP}",
    ],
    ids=lambda text: text[:6],
)
def test_a_pyproject_is_named_by_every_command(shop: Shop, text: str) -> None:
    (shop / "pyproject.toml").write_text((shop / "pyproject.toml").read_text() + f"\n{text}\n")
    for command in COMMANDS:
        assert named(shop, "pyproject.toml", *command), command


@pytest.mark.parametrize(
    "text",
    [
        f"[{'.'.join(['a'] * DEEP)}]\nx = 1\n",
        f'[dependency-groups]\ndev = ["redis; {"(" * DEEP}"]\n',
        f'[dependency-groups]\ndev = ["redis>={"9" * DEEP}"]\n',
        "[tool]\npoetry = 1\n",
    ],
    ids=["tables", "marker", "version", "tool"],
)
@pytest.mark.parametrize("component", ["redis", "metrics"])
def test_a_pyproject_that_parses_and_goes_deep_is_no_bug(
    shop: Shop, text: str, component: str
) -> None:
    (shop / "pyproject.toml").write_text((shop / "pyproject.toml").read_text() + f"\n{text}\n")
    named(shop, "pyproject.toml", "infra", "add", component, "--dry-run")


DEEP_FILES = {
    "docker-compose.yml": f"services: {BRACKETS}",
    "settings.py": f"from pydantic_settings import BaseSettings\nx = {BRACKETS}\n",
    "wiring.py": f"LIFESPANS = {BRACKETS}\n",
    "features/orders/models.py": f"x = {'-' * DEEP}1\n",
    "features/orders/router.py": f"x = y{'.z' * DEEP}\n",
}


def mount(shop: Shop) -> None:
    """Make a package of a feature, and a module that includes its router."""
    (shop / "features/orders").mkdir()
    (shop / "features/orders/__init__.py").write_text("")
    (shop / "features/api.py").write_text("from features.orders.router import router\n")


@pytest.mark.parametrize("path", DEEP_FILES)
def test_every_file_that_is_parsed_is_named(shop: Shop, path: str) -> None:
    mount(shop)
    (shop / path).write_text(DEEP_FILES[path])
    assert sum(named(shop, path, *command) for command in COMMANDS) >= 1


@pytest.mark.parametrize("path", ["settings.py", "wiring.py"])
def test_python_that_the_interpreter_gives_up_on_is_edited_all_the_same(
    shop: Shop, path: str
) -> None:
    with (shop / path).open("a") as file:
        file.write(f"x = {'-' * DEEP}1\n")
    assert shop.add("redis").code == 0
    assert "redis" in (shop / path).read_text()


@pytest.mark.parametrize(
    "source",
    [
        f"class A(b{'.c' * 900}):\n    __tablename__ = 'a'\n",
        f"class A:\n    __tablename__ = 'a'\n    id: b{'.c' * 900}\n",
    ],
)
def test_a_model_that_parses_and_goes_deep_is_named(shop: Shop, source: str) -> None:
    mount(shop)
    (shop / "features/orders/models.py").write_text(source)
    assert named(shop, "features/orders/models.py", "feature", "list")


def test_a_router_that_parses_and_goes_deep_is_named(shop: Shop) -> None:
    mount(shop)
    decorator = f"@a{'.b' * 900}.get('/')\ndef f(): ...\n"
    (shop / "features/orders/router.py").write_text(decorator)
    assert named(shop, "features/orders/router.py", "feature", "list")


@pytest.mark.parametrize("depth", [300, 420, 460, 480, 490, 500])
def test_yaml_of_any_depth_is_no_bug(shop: Shop, depth: int) -> None:
    nested = f"{'[' * depth}{']' * depth}"
    (shop / "docker-compose.yml").write_text(f"services:\n  app:\n    build: .\nx: {nested}\n")
    assert shop.run("infra", "add", "redis", "--dry-run").code in {0, 3}


def test_a_lock_file_that_cannot_be_read_is_left_to_uv(shop: Shop) -> None:
    for text in (BRACKETS, "package = 1", "package = [1]", "package = [{version = []}]"):
        (shop / "uv.lock").write_text(text)
        assert shop.run("infra", "add", "arq", "--dry-run").code == 0


def test_an_endless_version_in_a_lock_file_is_left_to_uv(shop: Shop) -> None:
    (shop / "uv.lock").write_text(f'[[package]]\nname = "redis"\nversion = "{"9" * DEEP}"\n')
    assert shop.run("infra", "add", "arq", "--dry-run").code == 0


def test_an_endless_port_is_no_bug(shop: Shop) -> None:
    replace(shop, "docker-compose.yml", ":5432", f"{'9' * DEEP}:5432")
    assert shop.run("infra", "add", "redis", "--dry-run").code in {0, 3}


def test_an_endless_python_version_is_told_by_the_doctor(shop: Shop) -> None:
    text = f'[project]\nname = "shop"\nrequires-python = ">=3.{"9" * DEEP}"\n'
    (shop / "pyproject.toml").write_text(text)
    found = environment.python(project.load(shop.root), shop / ".venv/bin/python", "3.12.1")
    assert "`requires-python` is not a version" in found.message


def test_uses_are_found_in_what_is_too_deep_for_python(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(f"import redis\nx = {'-' * DEEP}1\n")
    (tmp_path / "used.py").write_text("import redis\n")
    found = [each.path for each in uses.of(tmp_path, {"redis"}, {}, ())]
    assert found == ["deep.py", "used.py"]


def test_other_errors_of_values_are_not_taken_for_a_limit() -> None:
    with pytest.raises(ValueError, match="another"), documents.parser_limits("file"):
        raise ValueError("another")
    digits = "9" * (sys.get_int_max_str_digits() + 1)
    with pytest.raises(FileSyntaxError, match="too many digits"), documents.parser_limits("file"):
        int(digits)
