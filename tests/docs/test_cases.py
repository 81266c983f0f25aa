"""docs/cases.md has a row for each case, and each test that it names is there."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/cases.md").read_text()
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
UNTESTED = r"does not apply: .+"


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_there_is_a_row_for_each_case_in_order(
    record_property: Callable[[str, object], None],
) -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 73))
    tested = [test for _, _, test in ROWS if not re.fullmatch(UNTESTED, test)]
    record_property("cases that are tested", len(tested))


@pytest.mark.parametrize(("number", "test"), [(number, test) for number, _, test in ROWS])
def test_a_row_names_its_tests_or_says_why_there_is_none(number: str, test: str) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", test)
    own = [name for _, name in named if name.startswith(f"test_{int(number):02}_")]
    assert own or re.fullmatch(UNTESTED, test)
    for path, name in named:
        assert name in functions(path), name


def test_every_test_of_a_case_is_named() -> None:
    for path in sorted((ROOT / "tests/cases").glob("test_*.py")):
        for name in functions(f"tests/cases/{path.name}"):
            assert not name.startswith("test_") or f"`tests/cases/{path.name}::{name}`" in PAGE
