"""Run the cases of edits in `cases/`."""

import re
from pathlib import Path

import pytest

from paxx import edits
from paxx.changes import Already, Edited, Outcome, Unable
from paxx.errors import PaxxError
from tests.edits.case_files import Case, read_cases

FOLDER = Path(__file__).parent / "cases"
CASES = {
    f"{path.parent.name}/{path.stem}-{name}": case
    for path in sorted(FOLDER.glob("*/*.txt"))
    for name, case in read_cases(path).items()
}
EDITED = [name for name, case in CASES.items() if "after" in case.outcome]


def run(case: Case, text: str) -> dict[str, str]:
    """Return the outcome of the edit in the sections of a case."""
    try:
        outcome: Outcome = edits.function(case.function)(text, **case.arguments)
    except PaxxError as error:
        return {"error": f"{error}\n"}
    match outcome:
        case Edited(after, note=note):
            return {"after": after, "note": f"{note}\n"} if note else {"after": after}
        case Already(note):
            return {"already": f"{note}\n" if note else ""}
        case Unable(reason, snippet):
            return {"unable": f"{reason}\n", "snippet": f"{snippet}\n"}


def with_crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


def check(case: Case, outcome: dict[str, str], expected: dict[str, str]) -> None:
    for title in outcome.keys() & expected.keys():
        assert outcome[title] == expected[title], case.location  # shows the lines that differ
    assert outcome == expected, case.location


@pytest.mark.parametrize("name", CASES)
def test_edit_gives_the_expected_outcome(name: str) -> None:
    case = CASES[name]
    check(case, run(case, case.before), case.outcome)


@pytest.mark.parametrize("name", CASES)
def test_edit_keeps_windows_line_endings(name: str) -> None:
    case = CASES[name]
    expected = dict(case.outcome)
    if "after" in expected and "\n" in case.before:
        expected["after"] = with_crlf(expected["after"])
    check(case, run(case, with_crlf(case.before)), expected)


@pytest.mark.parametrize("name", EDITED)
def test_second_edit_changes_nothing(name: str) -> None:
    case = CASES[name]
    after = run(case, case.before)["after"]
    assert run(case, after).keys() == {"already"}, case.location


def test_example_of_the_documentation_passes(tmp_path: Path) -> None:
    page = (FOLDER.parents[2] / "docs" / "testing.md").read_text()
    examples = re.findall(r"```text\n(=== .*?)```", page, re.DOTALL)
    path = tmp_path / "example.txt"
    path.write_text("".join(examples))
    [case] = read_cases(path).values()
    check(case, run(case, case.before), case.outcome)
