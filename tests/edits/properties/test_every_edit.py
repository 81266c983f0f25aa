"""Properties that every edit and its inverse have, on files that hypothesis writes."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paxx.errors import FileSyntaxError
from tests.edits.properties import compose_files, data_files, test_python
from tests.edits.properties.drawing import (
    Pair,
    Touch,
    check,
    check_removal,
    check_removal_with_crlf,
    check_that_the_users_stays,
    edited,
    touches,
)

pytestmark = pytest.mark.slow

Files = st.SearchStrategy[str]
Parse = Callable[[str], object]

every_edit = pytest.mark.parametrize(
    ("files", "pair", "parse"), [*test_python.EDITS, *data_files.EDITS, *compose_files.EDITS]
)


@every_edit
@given(data=st.data())
def test_additions(files: Files, pair: Pair, parse: Parse, data: st.DataObject) -> None:
    first, second = pair
    parse(check(data.draw(files), first.add, second.add))


@every_edit
@given(data=st.data())
def test_removal_gives_back_what_was(
    files: Files, pair: Pair, parse: Parse, data: st.DataObject
) -> None:
    content = data.draw(files)
    parse(content)
    check_removal(content, *pair)
    check_removal(content, *reversed(pair))


@every_edit
@given(data=st.data())
def test_removal_with_windows_line_endings(
    files: Files, pair: Pair, parse: Parse, data: st.DataObject
) -> None:
    content = data.draw(files)
    parse(content)
    for each in pair:
        check_removal_with_crlf(content, each)


@every_edit
@given(data=st.data(), touch=touches())
def test_removal_leaves_what_the_user_wrote(
    files: Files, pair: Pair, parse: Parse, data: st.DataObject, touch: Touch
) -> None:
    content = data.draw(files)
    touched = touch(edited(pair[0].add, content))
    assume(_parses(parse, touched))
    check_that_the_users_stays(content, pair[0], touched)


def _parses(parse: Parse, content: str) -> bool:
    try:
        parse(content)
    except (SyntaxError, ValueError, FileSyntaxError):
        return False
    return True
