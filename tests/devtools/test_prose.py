"""The prose check: what it finds in texts and names, and what it leaves out."""

import re

import pytest

from devtools import prose

CHECK = prose.Prose("""
excluded = ["*.diff"]

[[text]]
words = "tells?|told"
instead = "report"

[[text]]
words = "put(?: \\\\w+)? back"
instead = "restore"

[[name]]
words = "of|[Nn]otes"
paths = ["src/*"]
instead = "warnings"

[[allow]]
line = "told apart"
reason = "means distinguish"
""")


def found(content: str, path: str = "src/a.py") -> list[tuple[int, str]]:
    return [(each.line, each.words) for each in CHECK.findings(path, content)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("# It tells.", "tells"),
        ("print('Told')", "Told"),
        ("def is_told(): ...", "told"),
        ("class ToldError: ...", "Told"),
        ("def put_back(): ...", "put_back"),
        ("was put it back", "put it back"),
    ],
)
def test_words_are_found_wherever_they_stand(content: str, words: str) -> None:
    assert found(content) == [(1, words)]


@pytest.mark.parametrize("content", ["foretold", "stellar", "toldest", "put off, back"])
def test_parts_of_other_words_are_not_found(content: str) -> None:
    assert found(content) == []


@pytest.mark.parametrize("gap", ["\n", "\n    # ", '"\n    "'])
def test_a_phrase_is_found_across_lines_at_its_first_line(gap: str) -> None:
    assert [line for line, _ in found(f"\nput{gap}back")] == [2]


@pytest.mark.parametrize(
    "content",
    [
        "def of(): ...",
        "    async def _notes(): ...",
        "class Notes: ...",
        "of = 1",
        "notes: list[str] = []",
    ],
)
def test_definitions_are_found_by_their_whole_name(content: str) -> None:
    assert len(found(content)) == 1


@pytest.mark.parametrize("content", ["def of_all(): ...", "one of", "f(of=1)", "notes == 1"])
def test_other_uses_of_a_name_are_not_found(content: str) -> None:
    assert found(content) == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("src/notes.py", 1),
        ("src/notes/__init__.py", 1),
        ("src/notes/service.py", 0),
        ("src/notes.test.yaml", 1),
        ("tests/notes.py", 0),
    ],
)
def test_files_are_found_by_their_name_where_the_term_looks(path: str, count: int) -> None:
    assert len(found("", path)) == count


def test_allowed_lines_and_excluded_files_have_no_findings() -> None:
    assert found("They are told apart.\nThey are told.") == [(2, "told")]
    assert found("They are told.", "a.diff") == []


def test_a_finding_is_one_line_of_output() -> None:
    (finding,) = CHECK.findings("docs/a.md", "It tells.")
    assert str(finding) == 'docs/a.md:1: "tells" -> report'


def test_the_terms_of_the_project_have_no_groups() -> None:
    terms = prose.Prose(prose.DATA.read_text()).in_text
    assert [term for term in terms if re.compile(term.words).groups] == []


def test_the_output_ends_with_totals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = prose.Finding("a.md", 1, "told", "report")
    monkeypatch.setattr("sys.argv", ["prose", "docs"])
    monkeypatch.setattr(prose, "check", lambda *paths: [finding] * 2 if paths == ("docs",) else [])
    prose.main()
    line = 'a.md:1: "told" -> report\n'
    assert capsys.readouterr().out == f"{line}{line}\n    2 report\n    2 in all\n"
