"""Properties of patches: what was before is always given back."""

from hypothesis import assume, given
from hypothesis import strategies as st

from paxx.changes import Patch
from paxx.edits import patch
from tests.edits.properties.drawing import with_crlf

LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "# d"]), max_size=12)
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n", "\n\n"])
)


def applied(text: str, patches: tuple[Patch, ...]) -> str:
    for each in patches:
        patched = patch.apply(text, each)
        assert patched is not None
        text = patched
    return text


@given(TEXTS, TEXTS)
def test_the_patches_between_two_texts_make_one_of_the_other(after: str, before: str) -> None:
    assert applied(after, patch.between(after, before)) == before


@given(TEXTS)
def test_there_is_nothing_between_a_text_and_itself(text: str) -> None:
    assert patch.between(text, text) == ()


@given(TEXTS, TEXTS)
def test_a_patch_gives_back_the_line_endings_of_the_file(after: str, before: str) -> None:
    assume("\n" in after)
    patches = patch.between(after, before)
    assume(all(applied(after, patches[:count]).count("\n") for count in range(len(patches))))
    assert applied(with_crlf(after), patches) == with_crlf(before)


@given(TEXTS, TEXTS)
def test_lines_that_occur_twice_are_left_alone(after: str, before: str) -> None:
    for each in patch.between(f"{after}\n", f"{before}\n"):
        assert patch.apply(f"{each.found}between\n{each.found}", each) is None


@given(TEXTS, TEXTS, st.integers(0, 12))
def test_what_is_added_elsewhere_does_not_matter(after: str, before: str, place: int) -> None:
    """A line put where no patch looks stays where it is, or the patch does not apply."""
    lines = after.split("\n")
    lines.insert(place % (len(lines) + 1), "other")
    text = "\n".join(lines)
    for each in patch.between(after, before):
        text = patch.apply(text, each) or text
    assert text.split("\n").count("other") == 1
