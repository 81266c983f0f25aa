"""Fixtures that every test may use."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from paxx import catalog, cli, signature
from tests import documents
from tests.harness import Outcome, Run, Shop

pytest_plugins = tuple(
    f"tests.plugins.{name}" for name in ("figures", "no_skips", "properties", "signals")
)


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the key that signs journals out of the home directory of whoever runs the tests."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        signature.sign(b"", folder.parent / "project")  # what makes it is a test of its own
        yield folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs `paxx` with these arguments in this process.

    Every JSON document that it prints is checked against the schema.
    """
    monkeypatch.delenv("COLUMNS", raising=False)

    def run_paxx(*arguments: str) -> Outcome:
        code = cli.run(arguments)
        captured = capsys.readouterr()
        passed_on = arguments[:1] in {("test",), ("docker",)}  # as arguments of other programs
        if "--json" in arguments and not passed_on:
            assert documents.parsed(captured.out)["exit_code"] == code
        return Outcome(code, captured.out, captured.err)

    return run_paxx


@pytest.fixture(scope="session")
def pristine_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project just bootstrapped; never written to by a test."""
    folder = tmp_path_factory.mktemp("pristine")
    options = ("--no-git", "--no-sync", "--yes", "--output-dir", str(folder))
    assert cli.run(("bootstrap", "shop", *options)) == 0
    return folder / "shop"


@pytest.fixture
def shop(pristine_shop: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a fresh project without a repository, as the working directory."""
    root = tmp_path / "shop"
    shutil.copytree(pristine_shop, root)
    monkeypatch.chdir(root)
    return Shop(root, run)


@pytest.fixture(params=["docker compose"])
def compose_program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """Let messages call Docker Compose like this; None is a machine without Docker."""
    program: str | None = request.param
    for module in ("environment", "doctor.services", "database.failures"):
        monkeypatch.setattr(f"paxx.{module}.compose_program", lambda: program)
    return program


@pytest.fixture
def sample_catalog(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use components that show what the format can express beyond the ones that ship."""
    folder = Path(__file__).parent / "fixtures" / "components"
    monkeypatch.setattr(catalog, "FOLDER", folder)
    return folder
