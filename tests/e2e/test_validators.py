"""Every generated file is accepted by the tools that read it."""

import subprocess
import sys
from pathlib import Path

import pytest

from paxx import cli
from tests.e2e.conftest import VARIANTS

TOOLS = Path(sys.executable).parent


@pytest.fixture(scope="module", params=VARIANTS)
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of a project with each choice of components."""
    folder = tmp_path_factory.mktemp("written")
    chosen = VARIANTS[request.param]
    components = ("--with", ",".join(chosen)) if chosen else ()
    options = ("--output-dir", str(folder), "--no-sync", "--yes", *components)
    assert cli.run(("bootstrap", "shop", *options)) == 0
    return folder / "shop"


def accepts(directory: Path, tool: str, *arguments: str) -> None:
    result = subprocess.run(
        [TOOLS / tool, *arguments], cwd=directory, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_docker_compose_accepts_the_compose_file(written: Path, tmp_path: Path) -> None:
    resolved = tmp_path / "compose.yaml"
    accepts(written, "docker-compose", "config", "--output", str(resolved))
    # Without the tags of Compose, such as `!reset`, that the checker of schemas does not know.
    accepts(written, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(resolved))


def test_hadolint_accepts_the_dockerfile(written: Path) -> None:
    accepts(written, "hadolint", "--failure-threshold", "warning", "Dockerfile")


def test_zizmor_accepts_the_workflow(written: Path) -> None:
    accepts(written, "zizmor", "--offline", ".github/workflows/ci.yml")


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
        ("vendor.dependabot", ".github/dependabot.yml"),
    ],
)
def test_the_schema_accepts_the_file(written: Path, schema: str, path: str) -> None:
    accepts(written, "check-jsonschema", "--builtin-schema", schema, path)
