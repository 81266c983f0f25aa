"""Run the cases: a folder holds a file, an edit, and what becomes of the file."""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from paxx import edits
from paxx.changes import Already, Edited, Outcome, Unable
from paxx.errors import PaxxError

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.parent for path in FOLDER.glob("*/*/edit.toml"))


def read(case: Path, name: str) -> str:
    return (case / f"{name}.txt").read_bytes().decode()


def edit_of(case: Path) -> Callable[[str], Outcome]:
    edit = tomllib.loads((case / "edit.toml").read_text())
    function = edits.function(f"{case.parent.name}.{edit['function']}")
    return partial(lambda text: function(text, **edit.get("arguments", {})))


def described(run: Callable[[str], Outcome], text: str) -> tuple[str, str]:
    """Return the kind of the outcome, which names its file, and the content of the file."""
    try:
        outcome = run(text)
    except PaxxError as error:
        return "error", f"{error}\n"
    match outcome:
        case Edited(after):
            return "after", after
        case Already(note):
            return "already", f"{note}\n" if note else ""
        case Unable(reason, snippet):
            return "unable", f"{reason}\n---\n{snippet}\n"


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest.fixture(params=CASES, ids=lambda case: f"{case.parent.name}-{case.name}")
def case(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_the_outcome_is_the_one_of_the_case(case: Path) -> None:
    kind, content = described(edit_of(case), read(case, "before"))
    assert content == read(case, kind)


def test_an_edit_says_what_it_kept_beside(case: Path) -> None:
    outcome = edit_of(case)(read(case, "before")) if (case / "after.txt").exists() else None
    note = f"{outcome.note}\n" if isinstance(outcome, Edited) and outcome.note else ""
    assert note == (read(case, "note") if (case / "note.txt").exists() else "")


def test_a_case_has_one_outcome(case: Path) -> None:
    kinds = ("after", "already", "unable", "error")
    assert sum((case / f"{kind}.txt").exists() for kind in kinds) == 1


def test_windows_line_endings_make_no_difference(case: Path) -> None:
    kind, content = described(edit_of(case), with_crlf(read(case, "before")))
    expected = read(case, kind)
    is_new = not read(case, "before").count("\n")
    assert content == (with_crlf(expected) if kind == "after" and not is_new else expected)


def test_the_second_time_changes_nothing(case: Path) -> None:
    kind, content = described(edit_of(case), read(case, "before"))
    if kind == "after":
        assert isinstance(edit_of(case)(content), Already)
