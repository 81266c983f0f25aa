"""Shapes of pyproject.toml: the numbers are those of docs/cases.md."""

import tomllib
from typing import Any

import pytest

from tests.cases.by_hand import added, manual, refused, unchanged_by_a_second_time
from tests.harness import Shop

PROJECT = '[project]\nname = "shop"\nversion = "1"\n'


def data(shop: Shop) -> dict[str, Any]:
    return tomllib.loads((shop / "pyproject.toml").read_text())


def write(shop: Shop, text: str) -> None:
    (shop / "pyproject.toml").write_text(text)


def test_08_a_comment_behind_the_last_entry_without_a_comma(shop: Shop) -> None:
    write(shop, f'{PROJECT}dependencies = [\n  "fastapi", # web\n  "uvicorn" # last, serves\n]\n')
    assert '"redis>=5.0",' in added(shop, "pyproject.toml")
    text = (shop / "pyproject.toml").read_text()
    assert '"fastapi", # web\n  "redis>=5.0",\n  "uvicorn" # last, serves\n]' in text


@pytest.mark.parametrize("comments", ["# none yet\n", "  # none yet\n  # really\n"])
def test_09_a_list_of_comments(shop: Shop, comments: str) -> None:
    write(shop, f"{PROJECT}dependencies = [{comments}]\n")
    assert '"redis>=5.0",' in added(shop, "pyproject.toml")
    assert data(shop)["project"]["dependencies"] == ["redis>=5.0"]
    text = (shop / "pyproject.toml").read_text()
    assert all(line in text for line in comments.splitlines())


def test_39_poetry_alone_is_refused(shop: Shop) -> None:
    write(shop, '[tool.poetry]\nname = "shop"\n[tool.poetry.dependencies]\npython = "^3.11"\n')
    refused(shop, "dependencies are kept in `[tool.poetry]`", 3)


@pytest.mark.parametrize(
    "backend",
    [
        '[tool.pdm]\ndistribution = false\n[tool.pdm.dev-dependencies]\ndev = ["pytest"]\n',
        '[build-system]\nrequires = ["hatchling"]\n[tool.hatch.envs.default]\nfeatures = []\n',
        '[build-system]\nrequires = ["setuptools"]\n[tool.setuptools]\npackages = []\n',
    ],
    ids=["pdm", "hatch", "setuptools"],
)
def test_39_other_tools_read_the_project_table(shop: Shop, backend: str) -> None:
    write(shop, f'{PROJECT}dependencies = ["fastapi"]\n\n{backend}')
    assert shop.add("redis").code == 0
    assert data(shop)["project"]["dependencies"] == ["fastapi", "redis>=5.0"]
    assert (shop / "pyproject.toml").read_text().endswith(backend)


@pytest.mark.parametrize("path", ["setup.cfg", "setup.py", "requirements.txt"])
def test_39_dependencies_that_are_kept_elsewhere(shop: Shop, path: str) -> None:
    write(shop, f'{PROJECT}dynamic = ["dependencies"]\n')
    (shop / path).write_text("fastapi\n")
    manual(shop, "pyproject.toml", "    redis>=5.0\n")
    assert (shop / path).read_text() == "fastapi\n"


def test_40_the_standard_table_wins_over_the_one_of_poetry(shop: Shop) -> None:
    poetry = '[tool.poetry.dependencies]\nfastapi = "*"\n'
    write(shop, f'{PROJECT}dependencies = ["fastapi"]\n\n{poetry}')
    assert shop.add("redis").code == 0
    assert "redis>=5.0" in data(shop)["project"]["dependencies"]
    assert (shop / "pyproject.toml").read_text().endswith(poetry)


def test_40_dependencies_that_are_computed(shop: Shop) -> None:
    write(shop, f'{PROJECT}dynamic = ["dependencies"]\n')
    assert "listed in `dynamic`" in manual(shop, "pyproject.toml", "    redis>=5.0\n").stdout


def test_41_the_member_of_a_workspace_is_edited(shop: Shop) -> None:
    root = shop.root.parent / "pyproject.toml"
    root.write_text('[tool.uv.workspace]\nmembers = ["shop"]\n')
    assert '"redis>=5.0",' in added(shop, "pyproject.toml")
    assert root.read_text() == '[tool.uv.workspace]\nmembers = ["shop"]\n'


def test_41_sources_of_uv_stay(shop: Shop) -> None:
    sources = "\n[tool.uv.sources]\nfastapi = { workspace = true }\n"
    write(shop, (shop / "pyproject.toml").read_text() + sources)
    assert '"redis>=5.0",' in added(shop, "pyproject.toml")
    assert (shop / "pyproject.toml").read_text().endswith(sources)


@pytest.mark.parametrize(
    ("theirs", "is_told"),
    [
        ("redis>=5.0", False),
        ("redis", False),
        ("Redis >= 5.2", False),
        ("redis[hiredis]==5.2.1", False),
        ("redis>=5,<7", False),
        ("redis>=4.5", True),
        ("redis @ git+https://example.org/redis", True),
        ("redis>=4.5; python_version < '4'", True),
    ],
)
def test_42_a_requirement_that_goes_together_is_kept(
    shop: Shop, theirs: str, *, is_told: bool
) -> None:
    write(shop, f'{PROJECT}dependencies = ["{theirs}"]\n')
    outcome = shop.add("redis")
    assert outcome.code == 0
    assert data(shop)["project"]["dependencies"] == [theirs]
    assert ("kept: `redis>=5.0`" in outcome.stdout) is is_told


@pytest.mark.parametrize("theirs", ["redis<5", "redis==4.6", "redis~=4.5"])
def test_42_a_requirement_that_does_not_is_left_to_the_user(shop: Shop, theirs: str) -> None:
    write(shop, f'{PROJECT}dependencies = ["{theirs}"]\n')
    assert f"`{theirs}` excludes `redis>=5.0`" in manual(shop, "pyproject.toml", "redis").stdout


@pytest.mark.parametrize("theirs", ["OpenTelemetry_SDK>=1.30", "opentelemetry.sdk"])
def test_42_names_are_compared_in_the_normal_form(shop: Shop, theirs: str) -> None:
    write(shop, f'{PROJECT}dependencies = ["{theirs}"]\n')
    assert shop.add("metrics").code == 0
    names = [each.lower().replace("_", "-") for each in data(shop)["project"]["dependencies"]]
    assert sum("sdk" in each for each in names) == 1


def test_42_a_requirement_of_an_optional_group_alone_is_none_of_the_project(shop: Shop) -> None:
    optional = '[project.optional-dependencies]\ncache = ["redis>=5"]\n'
    write(shop, f'{PROJECT}dependencies = ["fastapi"]\n\n{optional}')
    assert shop.add("redis").code == 0
    assert data(shop)["project"]["dependencies"] == ["fastapi", "redis>=5.0"]
    assert (shop / "pyproject.toml").read_text().endswith(optional)


def test_43_a_requirement_that_is_split_by_markers_is_kept(shop: Shop) -> None:
    lines = ["redis>=5; python_version >= '3.12'", "redis>=5.1; python_version < '3.12'"]
    write(shop, f'{PROJECT}dependencies = ["{lines[0]}", "{lines[1]}"]\n')
    assert shop.add("redis").code == 0
    assert data(shop)["project"]["dependencies"] == lines


@pytest.mark.usefixtures("sample_catalog")
def test_43_a_group_has_one_spelling(shop: Shop) -> None:
    write(shop, f'{PROJECT}dependencies = []\n\n[dependency-groups]\nDev = ["pytest"]\n')
    assert shop.add("queue", "--yes").code == 0
    assert list(data(shop)["dependency-groups"]) == ["Dev"]
    assert "fakeredis>=2.20" in data(shop)["dependency-groups"]["Dev"]


@pytest.mark.parametrize(
    "text",
    [
        'project = { name = "shop", version = "1", dependencies = ["fastapi"] }\n',
        'project.name = "shop"\nproject.version = "1"\nproject.dependencies = ["fastapi"]\n',
        f'[tool.uv]\npackage = false\n\n{PROJECT}"dependencies" = ["fastapi"]\n\n[tool.ruff]\n',
        '[project.urls]\nhome = "x"\n\n[project]\nname = "shop"\ndependencies = ["fastapi"]\n',
    ],
    ids=["inline", "dotted", "quoted", "out-of-order"],
)
def test_44_other_ways_to_write_the_table(shop: Shop, text: str) -> None:
    write(shop, text)
    before = data(shop)
    assert shop.add("redis").code == 0
    before["project"]["dependencies"].append("redis>=5.0")
    assert data(shop) == before
    unchanged_by_a_second_time(shop)


def test_48_a_file_that_does_not_parse_is_told_with_its_line(shop: Shop) -> None:
    write(shop, f"{PROJECT}dependencies = [\n")
    refused(shop, "pyproject.toml", 3)


@pytest.mark.parametrize(
    "line", ["optional-dependencies = []", "dynamic = 1", 'dependencies = "fastapi"']
)
def test_48_a_table_of_another_shape_is_no_crash(shop: Shop, line: str) -> None:
    write(shop, f"dependency-groups = []\ntool = 1\n{PROJECT}{line}\n")
    outcome = shop.add("redis", "metrics")
    assert outcome.code in {0, 5}, outcome
    assert "internal error" not in outcome.stderr
