"""The format of the files of cases."""

import re
from pathlib import Path

import pytest

from tests.edits.case_files import Case, read_cases

CALL = "text.add_line(line='x')\n"
BEFORE = "--- before\na\n"


def read(folder: Path, content: str) -> dict[str, Case]:
    path = folder / "lines.txt"
    path.write_text(content, "utf-8", newline="")
    return read_cases(path)


def read_before(folder: Path, text: str) -> str:
    return read(folder, f"=== name\n{CALL}--- before\n{text}--- already\n")["name"].before


def test_case_has_a_call_a_text_and_an_outcome(tmp_path: Path) -> None:
    content = f"# Lines\nLATER = ['z']\n\n=== name\ntext.add_line(line='x', before=LATER)\n{BEFORE}"
    case = read(tmp_path, content + "--- after\na\nx\n")["name"]
    assert (case.function, case.arguments) == ("text.add_line", {"line": "x", "before": ["z"]})
    assert (case.before, case.outcome) == ("a\n", {"after": "a\nx\n"})
    assert case.location == f"{tmp_path / 'lines.txt'}:4"


def test_cases_keep_their_order_below_headings(tmp_path: Path) -> None:
    case = f"\n{CALL}{BEFORE}--- already\n\n"
    content = f"=== # Last\n# A comment\n\n=== z{case}=== # First\n\n=== a{case}"
    assert [*read(tmp_path, content)] == ["z", "a"]


@pytest.mark.parametrize(
    "titles",
    [["after"], ["after", "note"], ["already"], ["unable", "snippet"], ["error"]],
    ids=" ".join,
)
def test_outcome_has_one_kind(tmp_path: Path, titles: list[str]) -> None:
    sections = "".join(f"--- {title}\n{title} text\n" for title in titles)
    case = read(tmp_path, f"=== name\n{CALL}{BEFORE}{sections}")["name"]
    assert case.outcome == {title: f"{title} text\n" for title in titles}


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("", ""),
        ("\n\n", ""),
        ("a\n", "a\n"),
        ("a\n\n\n", "a\n"),
        ("a\\n\n", "a\n\n"),
        ("a\\\n", "a"),
        ("\\n\\\n", "\n"),
        ("\na\n", "\na\n"),
        ("a\\r\nb\\r\\\n", "a\r\nb\r"),
        ("\\ufeffa\n", "\ufeffa\n"),
        ("\\ta \\x20\n\\f\\x00\n", "\ta  \n\f\0\n"),
        ("'\\\\d' é 🐍 \\u2028\n", "'\\d' é 🐍 \u2028\n"),
        ("---\n-----BEGIN\n=======\n\\x2d-- a\n", "---\n-----BEGIN\n=======\n--- a\n"),
    ],
)
def test_text_is_exact(tmp_path: Path, written: str, text: str) -> None:
    assert read_before(tmp_path, written) == text
    assert read_before(tmp_path, written.replace("\n", "\r\n")) == text


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        (f"=== a\n{CALL}{BEFORE}", 1, "unexpected sections: before"),
        (f"=== a\n{CALL}--- after\n", 1, "unexpected sections: after"),
        (f"=== a\n{CALL}{BEFORE}--- unable\n", 1, "unexpected sections: before, unable"),
        (f"=== a\n{CALL}{BEFORE}--- aftr\n", 1, "unexpected sections: before, aftr"),
        (f"=== a\n{CALL}{BEFORE}--- after\n--- already\n", 1, "before, after, already"),
        (f"=== a\n{CALL}{BEFORE}{BEFORE}--- after\n", 1, "before, before, after"),
        (f"=== a\n{CALL}{BEFORE}--- after\n\n=== a\n{CALL}", 7, "duplicate case `a`"),
        (f"\n\n=== # a\n{CALL}{BEFORE}", 3, "expected constants"),
        (f"=== a\n{CALL}--- before\n\ta\n--- already\n", 1, "invisible character"),
        (f"=== a\n{CALL}--- before\na \n--- already\n", 1, "invisible character"),
        (f"=== a\n{CALL}--- before\n\\d\n--- already\n", 1, "unknown escape"),
        (f"=== a\ntext.add_line('x')\n{BEFORE}--- after\n", 1, "expected a call"),
        (f"=== a\ntext.add_line(line=X)\n{BEFORE}--- after\n", 1, "unknown constant `X`"),
        (f"\n=== a\ntext.add_line(\n{BEFORE}--- after\n", 2, "'(' was never closed"),
        (f"print()\n=== a\n{CALL}", 1, "expected constants"),
    ],
)
def test_malformed_case_is_reported_with_its_line(
    tmp_path: Path, content: str, line: int, problem: str
) -> None:
    with pytest.raises(ValueError, match=rf"lines\.txt:{line}: .*{re.escape(problem)}"):
        read(tmp_path, content)
