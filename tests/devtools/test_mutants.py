"""The list of mutants, and the command that applies them to a copy of the checkout."""

import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from devtools import mutants
from devtools.checkout_copy import CheckoutCopy, copy_files, temporary_folder
from devtools.mutants import Mutant, problem_with
from paxx import catalog

ROOT = Path(__file__).parents[2]
MUTANTS = mutants.load()
SHIPPED = "\n".join(
    path.read_text()
    for pattern in ("*/tests/**/test_*.py", "*/checks/test_*.py", "**/tests.py.jinja")
    for path in (ROOT / "src").rglob(pattern)
)
RULES = "def is_adult(age):\n    return age >= 18\n"
MUTANT = Mutant("age", "rules.py", ">= 18", "> 18", ["test_rules.py"], "quick", "off by one")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a repository with files that are not committed, one of them ignored."""
    root = tmp_path / "checkout"
    root.mkdir()
    test = "from rules import is_adult\n\ndef test_age():\n    assert is_adult(18)\n"
    files = {"rules.py": RULES, "test_rules.py": test, ".gitignore": "x\n", "x": ""}
    files["pytest.ini"] = "[pytest]\npythonpath = .\n"
    for name, text in files.items():
        (root / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=root, check=True)
    return root


@pytest.fixture
def copy(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CheckoutCopy:
    """Return a copy of the checkout that uses the environment of this test run."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # to start sooner
    copy_files(checkout, tmp_path / "copy")
    return CheckoutCopy(tmp_path / "copy", sys.executable)


def test_copy_files_leaves_out_what_git_ignores(copy: CheckoutCopy) -> None:
    names = {path.name for path in copy.root.iterdir()}
    assert names == {".gitignore", "pytest.ini", "rules.py", "test_rules.py"}


def test_a_caught_mutant_has_no_problem_and_changes_no_file(
    copy: CheckoutCopy, checkout: Path
) -> None:
    assert problem_with(MUTANT, copy) == ""
    assert (copy.root / "rules.py").read_text() == RULES
    assert (checkout / "rules.py").read_text() == RULES


@pytest.mark.integration
@pytest.mark.parametrize(
    ("mutant", "problem"),
    [
        (replace(MUTANT, after=">= 17"), "survived"),
        (replace(MUTANT, before=">= 21"), "`before` occurs 0 times in `rules.py`"),
        (replace(MUTANT, before="age"), "`before` occurs 2 times in `rules.py`"),
        (replace(MUTANT, after=">= ("), "pytest ended with code 2"),
        (replace(MUTANT, caught_by=["test_none.py"]), "a named test fails without the mutation"),
    ],
)
def test_a_mutant_that_proves_nothing_is_reported(
    copy: CheckoutCopy, mutant: Mutant, problem: str
) -> None:
    assert problem_with(mutant, copy).splitlines()[0] == problem
    assert (copy.root / "rules.py").read_text() == RULES


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_killed_process_leaves_no_temporary_folder(number: signal.Signals) -> None:
    script = """
import time
from devtools.checkout_copy import temporary_folder
with temporary_folder() as folder:
    (folder / "file").touch()
    print(folder, flush=True)
    time.sleep(60)
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().rstrip())
        assert (folder / "file").exists()
        process.send_signal(number)
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not folder.exists()


def test_an_exception_leaves_no_temporary_folder() -> None:
    with pytest.raises(RuntimeError), temporary_folder() as folder:
        raise RuntimeError
    assert not folder.exists()


def test_an_unknown_mutant_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        mutants.main(["no-such-mutant"])
    assert ended.value.code == 2
    assert "unknown mutant `no-such-mutant`" in capsys.readouterr().err


def test_the_list_covers_every_component() -> None:
    files = "\n".join(each.file for each in MUTANTS)
    assert not [name for name in catalog.names() if f"components/{name}/files/core/" not in files]
    assert len({each.name for each in MUTANTS}) == len(MUTANTS) >= 30


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name)
def test_a_mutant_of_the_list_changes_one_place_and_names_tests_that_exist(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.before) == 1
    assert mutant.tier in {"quick", "change"}
    for argument in mutant.caught_by:
        path, *_, test = re.sub(r"\[.*", "", argument).split("::")
        source = SHIPPED if mutant.project else (ROOT / path).read_text()
        assert f"def {test}(" in source
        assert mutant.tier == "change" or not (mutant.project or "e2e" in path)


def test_the_page_on_testing_lists_the_mutants() -> None:
    page = (ROOT / "docs" / "testing.md").read_text()
    listed = re.findall(r"^\| .* \| (?:quick|change) \| (?=[\d.]+ \|$)", page, re.MULTILINE)
    assert listed == [each.row("").removesuffix(" |") for each in MUTANTS]
