"""A module that is read again after a change is read as if it was seen for the first time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paxx.edits.python import module
from paxx.edits.syntax_tree import descendants
from paxx.errors import FileSyntaxError

MEMBERS = st.sampled_from(
    [
        "name: str = 'a'",
        "# a comment",
        "other: int = 1; third: int = 2",
        'text: str = """\nlong\n"""',
        'text: str = """\n    print \'a\'\n    """',
        "def method(self) -> int:\n        return 1",
        "if True:\n        inner: int = 1",
        "values: list[int] = [\n        1,\n    ]",
        "",
    ]
)
CLASSES = st.builds(
    lambda name, members: "\n    ".join([f"class {name}:", "first: int = 0", *members]) + "\n",
    st.sampled_from(["Settings", "Base"]),
    st.lists(MEMBERS, max_size=12),
)
MODULES = st.builds(
    lambda classes, end: "import os\n\n\n" + "\n\n".join(classes) + end,
    st.lists(CLASSES, min_size=1, max_size=3),
    st.sampled_from(["", "settings = Settings()\n", "print('a')\n"]),
)
LINES = ["    added: int = 1", "\tadded: int = 1", "added: int = 1", "      a = 1", "    pass", ""]
WRONG = [
    "return",
    "print 'a'",
    "    from __future__ import annotations",
    "    def f(a, a): ...",
    "\\",
]
PIECES = ["", '"""', "'", "(", "]", ":", "#", " ", "é", "\r"]
CHANGES = st.sampled_from([*PIECES, *(f"{line}\n" for line in LINES + WRONG)])


def reading(text: str) -> list[tuple[str, int, int]] | str:
    """Return what becomes of reading a text: the nodes of its tree, or the error."""
    try:
        nodes = descendants(module.read(text).root)
        return [(node.type, node.start_byte, node.end_byte) for node in nodes]
    except FileSyntaxError as error:
        return f"{error.line}: {error.message}"


def forget() -> None:
    module.read.cache_clear()
    module.passed.clear()


@pytest.mark.slow
@given(MODULES, st.data())
def test_what_was_read_before_makes_no_difference(text: str, data: st.DataObject) -> None:
    forget()
    reading(text)
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 20)))
        text = text[:start] + data.draw(CHANGES) + text[end:]
        found = reading(text)
        remembered = list(module.passed)
        forget()
        assert found == reading(text)
        module.passed.extend(remembered)


def test_what_a_change_turns_into_code_is_judged() -> None:
    quotes = '    """\n'
    code = "    b: int = 1\n    print 'x'\n    c: int = 1\n    d: int = 1\n"
    behind = '    e: int = 1\n    # """\n    f: int = 1\n'
    start = "class Settings:\n    a: int = 1\n"
    forget()
    module.read(start + quotes + code + quotes + behind)
    with pytest.raises(FileSyntaxError) as raised:
        module.read(start + "    #" + quotes + code + quotes + behind)
    assert raised.value.line == 5


def test_statements_that_share_a_line_are_judged_with_it() -> None:
    forget()
    start = "class Settings:\n    a = 1; b = 2; c = 3; d = 4\n    e = 5\n    f = 6\n"
    module.read(start)
    module.read(f"{start}    g = 7\n")
    with pytest.raises(FileSyntaxError):
        module.read(f"{start}    print 'x'\n")
