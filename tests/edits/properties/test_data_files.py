"""Properties of what is taken out of TOML, dotenv and plain text files alone."""

import tomllib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paxx.changes import Already, Edited
from paxx.edits import env, toml
from tests.edits.properties.data_files import EDITS, GROUP, LINES, RUNTIME, VARIABLES, dotenv_files
from tests.edits.properties.drawing import (
    COMMENTS,
    NAMES,
    Pair,
    check_removal_without_patches,
    edited,
)

pytestmark = pytest.mark.slow


@st.composite
def formatted_pyprojects(draw: st.DrawFn) -> str:
    names = st.lists(NAMES.filter(str.isascii), unique=True, min_size=1, max_size=4)
    lists = ["".join(f'  "{each}>=1",{draw(COMMENTS)}\n' for each in draw(names)) for _ in range(2)]
    runtime, group = (f"[\n{lines}]\n" for lines in lists)
    head = f'[project]\nname = "shop"\ndependencies = {runtime}'
    return f"{head}\n[dependency-groups]\ndev = {group}\n[tool.uv]\npackage = false\n"


@st.composite
def formatted_dotenv_files(draw: st.DrawFn) -> str:
    names = draw(st.lists(NAMES.filter(str.isascii), unique=True, max_size=4))
    return "\n".join(f"# {each}\n{each}_KEY=1{draw(COMMENTS)}\n" for each in names)


@st.composite
def formatted_text_files(draw: st.DrawFn) -> str:
    section = st.lists(st.sampled_from(["a", "b/", "!e"]), min_size=1, max_size=3, unique=True)
    sections = draw(st.lists(section, max_size=3))
    return "\n".join("# c\n" + "".join(f"{line}\n" for line in lines) for lines in sections)


@given(formatted_pyprojects())
def test_removal_of_dependencies_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *RUNTIME, *GROUP)


@given(formatted_dotenv_files())
def test_removal_of_variables_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *VARIABLES)


@given(formatted_text_files())
def test_removal_of_lines_needs_no_patches_in_formatted_files(content: str) -> None:
    check_removal_without_patches(content, *LINES)


@pytest.mark.parametrize(("files", "pair", "parse"), EDITS)
@given(data=st.data())
def test_of_what_is_there_twice_one_stays(
    files: st.SearchStrategy[str],
    pair: Pair,
    parse: Callable[[str], object],
    data: st.DataObject,
) -> None:
    """Nobody can tell which of two equal lines is the user's; a second removal changes nothing."""
    copies = list(_copies(edited(pair[0].add, data.draw(files)), parse))
    assume(copies)  # none has a list on one line
    line, copied = data.draw(st.sampled_from(copies))
    outcome = pair[0].remove(copied)
    left = outcome.text if isinstance(outcome, Edited) else copied
    assert line in left.split("\n")
    assert not isinstance(pair[0].remove(left), Edited)


def _copies(content: str, parse: Callable[[str], object]) -> Iterator[tuple[str, str]]:
    """Yield each line with the file that has it twice, where that is still one."""
    lines = content.split("\n")
    for place, line in enumerate(lines):
        copied = "\n".join([*lines[:place], line, *lines[place:]])
        if line.strip() and _parses(parse, copied):
            yield line, copied


def _parses(parse: Callable[[str], object], content: str) -> bool:
    try:
        parse(content)
    except ValueError:
        return False
    return True


@given(
    dotenv_files(),
    st.sampled_from(["REDIS_URL", "REDIS_PREFIX"]),
    st.sampled_from(["{0}=", "{0}=mine", "{0}='mine'", "export {0}=redis://x", "{0}=it's # mine"]),
)
def test_removal_leaves_variables_that_the_user_changed(
    content: str, key: str, changed: str
) -> None:
    theirs = changed.format(key)
    lines = edited(VARIABLES[0].add, content).split("\n")
    touched = "\n".join(theirs if line.startswith(f"{key}=") else line for line in lines)
    left = edited(VARIABLES[0].remove, touched)
    assert theirs in left.split("\n")
    assert env.defined_keys(left) == env.defined_keys(content) | {key}
    assert isinstance(VARIABLES[0].remove(left), Already)


@given(dotenv_files(), st.sampled_from(['{0}="{1}"', "{0} = {1}", "  {0}={1}  "]))
def test_removal_takes_variables_that_are_written_otherwise(content: str, form: str) -> None:
    before = edited(VARIABLES[0].add, content)
    written = before.replace("REDIS_URL=redis://x", form.format("REDIS_URL", "redis://x"))
    assert edited(VARIABLES[0].remove, written) == edited(VARIABLES[0].remove, before)


@given(formatted_pyprojects(), st.sampled_from(["redis>=5.1", "redis[x]>=5.0", "redis", "Redis<9"]))
def test_removal_leaves_a_requirement_that_the_user_changed(content: str, theirs: str) -> None:
    touched = edited(RUNTIME[0].add, content).replace("redis>=5.0", theirs)
    assert RUNTIME[0].remove(touched) == Already(f"your `{theirs}` stays")


@given(formatted_pyprojects(), st.sampled_from(["'Redis >= 5.0'", '"redis >=5.0"', "'redis>=5.0'"]))
def test_removal_takes_a_requirement_that_is_written_otherwise(content: str, written: str) -> None:
    touched = edited(RUNTIME[0].add, content).replace('"redis>=5.0"', written)
    left = edited(RUNTIME[0].remove, touched)
    assert left == content
    assert toml.read(left) == tomllib.loads(content)
