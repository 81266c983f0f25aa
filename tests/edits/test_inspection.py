"""What editors tell about files without editing them, and errors with their lines."""

from collections.abc import Callable

import pytest

from paxx import edits
from paxx.changes import Already, Edited, Unable
from paxx.edits import env, python, text, toml, yaml
from paxx.errors import FileSyntaxError, UnsupportedProject

SETTINGS = "from pydantic_settings import BaseSettings, SettingsConfigDict\n\n\n"


def test_functions_are_found_by_name() -> None:
    assert edits.function("python.add_item") is python.add_item
    assert edits.function("toml.add_dependency") is toml.add_dependency


def test_keys_of_a_dotenv_file_are_those_that_are_set() -> None:
    content = "A=1\nexport B=\n# C=3\n D = 'x\nE=5\n'\nF=\"it's\" # G=1\nnot a line\n"
    assert env.defined_keys(content) == {"A", "B", "D", "F"}


@pytest.mark.parametrize(
    ("body", "bases"),
    [
        ("class Settings(BaseSettings): ...\n", ()),
        ("class Mixin(abc.ABC): ...\nclass Settings(Mixin, BaseSettings): ...\n", ()),
        ("class A(Far, BaseSettings): ...\nclass Settings(A, far.Too): ...\n", ("far.Too", "Far")),
        ("class Settings(Far): ...\n", ()),
    ],
)
def test_bases_that_other_modules_define(body: str, bases: tuple[str, ...]) -> None:
    assert python.settings_bases_elsewhere(f"{SETTINGS}import abc\n{body}") == bases


COMPOSE = """\
x-web: &web
  build: .
  ports: ["8000:8000"]
services:
  web:
    <<: *web
  db:
    image: postgres:17
    ports:
      - 5432
      - "127.0.0.1:5433:5432"
      - "[::1]:5434:5432"
      - "${PG_PORT:-5435}:5432"
      - "${PG_PORT}:5432"
      - "7000-7002:7000-7002/udp"
      - target: 80
        published: "${HTTP:-8080}"
      - target: 81
      - "99999999:1"
  other:
    ports:
      - "8000:80"
  nothing:
"""


def test_ports_count_for_the_first_service_that_publishes_them() -> None:
    assert yaml.published_ports(COMPOSE) == {
        8000: "web",
        5433: "db",
        5434: "db",
        5435: "db",
        7000: "db",
        7001: "db",
        7002: "db",
        8080: "db",
    }


@pytest.mark.parametrize(
    "project",
    [
        "dependencies = 1",
        "optional-dependencies = []",
        "optional-dependencies = { web = 1 }",
        "dependencies = [1]",
    ],
)
def test_a_list_of_another_shape_excludes_nothing(project: str) -> None:
    assert toml.excluding(f"[project]\n{project}\n", "redis<6") is None
    assert toml.excluding(f"dependency-groups = []\n[project]\n{project}\n", "redis<6") is None


def test_services_are_listed_in_their_order() -> None:
    assert yaml.service_names(COMPOSE) == ["web", "db", "other", "nothing"]
    assert yaml.service_names("") == []
    assert yaml.service_names("services: []\n") == []


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (COMPOSE, "web"),
        ("services:\n  app:\n    image: x\n  web:\n    build: .\n", "app"),
        ("services:\n  web:\n    build: .\n  worker:\n    build: .\n", None),
        ("services:\n  db:\n    image: x\n", None),
        ("", None),
    ],
)
def test_the_app_service_is_called_app_or_the_only_one_built(
    content: str, found: str | None
) -> None:
    assert yaml.find_app_service(content) == found


def test_the_name_of_the_app_service_can_be_given() -> None:
    assert yaml.find_app_service(COMPOSE, preferred="db") == "db"


def test_errors_carry_the_line_of_the_file() -> None:
    with pytest.raises(FileSyntaxError) as python_error:
        python.add_import("import os\n\nx = = 1\n", "core.cache")
    with pytest.raises(FileSyntaxError) as yaml_error:
        yaml.add_volume("services:\n  app:\n\tbuild: .\n", "x")
    with pytest.raises(FileSyntaxError) as toml_error:
        toml.add_dependency("[project]\nname = 'x'\nname = 'y'\n", "redis")
    assert (python_error.value.line, yaml_error.value.line) == (3, 3)
    assert toml_error.value.line == 3


@pytest.mark.parametrize(
    "run",
    [
        lambda content: text.add_line(content, "x"),
        lambda content: env.add_variables(content, "X", [("X", "1", "")]),
        lambda content: python.add_import(content, "core.cache"),
        lambda content: toml.add_dependency(content, "x"),
        lambda content: yaml.add_volume(content, "x"),
    ],
)
def test_an_unresolved_conflict_is_refused_by_every_editor(run: Callable[[str], object]) -> None:
    with pytest.raises(FileSyntaxError, match="merge conflict") as caught:
        run("a\n<<<<<<< main\nb\n=======\nc\n>>>>>>> other\n")
    assert caught.value.line == 2
    assert caught.value.hint


def test_the_layout_of_poetry_is_refused_with_the_reason() -> None:
    with pytest.raises(UnsupportedProject, match="poetry") as caught:
        toml.add_dependency("[tool.poetry]\nname = 'x'\n", "redis>=5.0")
    assert caught.value.hint


def test_what_python_cannot_judge_for_its_depth_is_edited_all_the_same() -> None:
    deep = "x = " + "1+" * 20000 + "1\n"
    assert python.add_import(deep, "core.cache") == Edited(f"import core.cache\n\n{deep}")


def test_long_chains_of_attributes_do_not_exhaust_the_stack() -> None:
    content = f"import core.cache\n\nLIFESPANS = [x{'.a' * 1100}]\n"
    outcome = python.add_item(content, "LIFESPANS", "core.cache.lifespan")
    assert outcome == Edited(content.replace("]", ", core.cache.lifespan]"))


def test_mixed_line_endings_get_the_one_that_most_lines_have() -> None:
    assert text.add_line("a\r\nb\r\nc\n", "x") == Edited("a\r\nb\r\nc\nx\r\n")
    assert text.add_line("a\nb\nc\r\n", "x") == Edited("a\nb\nc\r\nx\n")


def test_a_carriage_return_alone_is_refused() -> None:
    with pytest.raises(FileSyntaxError, match="carriage return") as caught:
        text.add_line("a\r\nb\rc\n", "x")
    assert caught.value.line == 2


def test_a_note_says_whose_value_is_kept() -> None:
    outcome = env.add_variables("A=mine\n", "X", [("A", "ours", "")])
    assert outcome == Already("your value of `A` is kept")


def test_a_snippet_for_a_missing_import_holds_the_import() -> None:
    outcome = python.add_item("LIFESPANS = []\n", "LIFESPANS", "core.cache.lifespan")
    assert isinstance(outcome, Unable)
    assert outcome.snippet.startswith("import core.cache\n")
