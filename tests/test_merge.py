"""Merging three versions of a text, on texts that hypothesis writes and against git."""

import re
import subprocess
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from paxx.merge import Merged, merge, sections, unresolved

LABEL = "redis 2.0"
BLOCK = re.compile(r"<{7} yours\n(.*?)={7}\n(.*?)>{7} redis 2\.0\n", re.DOTALL)

Three = tuple[str, str, str]


def written(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def lines_of(text: str) -> list[str]:
    return re.split(r"(?<=\n)", text)


@st.composite
def edited(draw: st.DrawFn, lines: list[str], fresh: st.SearchStrategy[str]) -> list[str]:
    """Return the lines with up to three places changed, each by other lines or by none."""
    lines = list(lines)
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(lines)))
        gone = draw(st.integers(0, 3))
        lines[start : start + gone] = draw(st.lists(fresh, max_size=3))
    return lines


@st.composite
def versions(draw: st.DrawFn, *, final: bool = True) -> Three:
    """Draw texts in which lines repeat, as blank lines and closing brackets do."""
    line = st.sampled_from(["", "a", "b", ")", "    c", "é\x0c\u2028", "lone\rreturn"])
    base = draw(st.lists(line, max_size=14))
    texts = [written(each) for each in (base, draw(edited(base, line)), draw(edited(base, line)))]
    if not final:
        texts = [text.removesuffix(draw(st.sampled_from(["", "\n"]))) for text in texts]
    return texts[0], texts[1], texts[2]


@st.composite
def versions_without_repetition(draw: st.DrawFn) -> Three:
    """Draw texts in which no line occurs twice, and none has moved."""
    base = [f"line {number}" for number in range(draw(st.integers(0, 12)))]
    yours = draw(edited(base, st.uuids().map("mine {}".format)))
    new = draw(edited(base, st.uuids().map("theirs {}".format)))
    return written(base), written(yours), written(new)


def resolved(text: str, side: int) -> str:
    return BLOCK.sub(lambda block: block[side], text)


def by_git(folder: Path, texts: Three) -> tuple[int, str]:
    """Return how many conflicts git finds, and its text."""
    base, yours, new = texts
    names = ("yours", "base", "new")
    for name, text in zip(names, (yours, base, new), strict=True):
        (folder / name).write_bytes(text.encode())
    labels = ("-L", "yours", "-L", "base", "-L", LABEL)
    command = ["git", "merge-file", "--stdout", "--quiet", *labels, *names]
    result = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return result.returncode, result.stdout.decode()


@given(versions(final=False))
def test_where_one_side_changed_nothing_the_other_one_is_the_result(texts: Three) -> None:
    base, yours, new = texts
    assert merge(base, base, new, LABEL) == Merged(new, 0)
    assert merge(base, yours, base, LABEL) == Merged(yours, 0)


@given(versions(final=False))
def test_the_same_change_on_both_sides_is_no_conflict(texts: Three) -> None:
    base, yours, _ = texts
    assert merge(base, yours, yours, LABEL) == Merged(yours, 0)


@given(st.data())
def test_changes_far_apart_both_survive(data: st.DataObject) -> None:
    upper, lower = ([f"{half} {n}" for n in range(5)] for half in ("upper", "lower"))
    yours = data.draw(edited(upper, st.uuids().map(str)))
    new = data.draw(edited(lower, st.uuids().map(str)))
    base, gap = [*upper, "unchanged", *lower], ["unchanged"]
    one, other = yours + gap + lower, upper + gap + new
    merged = merge(written(base), written(one), written(other), LABEL)
    assert merged == Merged(written(yours + gap + new), 0)


@given(versions())
def test_each_line_that_either_side_wrote_is_in_the_result(texts: Three) -> None:
    base, yours, new = (Counter(text.split("\n")) for text in texts)
    result = Counter(merge(*texts, LABEL).text.split("\n"))
    assert yours - base <= result
    assert new - base <= result


@given(versions(final=False))
def test_a_clean_result_does_not_depend_on_the_side(texts: Three) -> None:
    base, yours, new = texts
    one, other = merge(base, yours, new, LABEL), merge(base, new, yours, LABEL)
    assert bool(one.conflicts) == bool(other.conflicts)
    assert one.conflicts or one.text == other.text


@given(versions(final=False))
def test_as_many_conflicts_are_told_as_are_marked(texts: Three) -> None:
    merged = merge(*texts, LABEL)
    assert merged.conflicts == len(BLOCK.findall(merged.text))
    assert merged.conflicts == merged.text.count("<<<<<<<") == merged.text.count("\n=======\n")
    assert (unresolved(merged.text) is None) == (merged.conflicts == 0)


@given(versions())
def test_a_conflict_resolved_for_one_side_has_that_side_whole(texts: Three) -> None:
    parts = list(sections(*(lines_of(text) for text in texts)))
    text = merge(*texts, LABEL).text
    yours = [part.new if part.yours == part.base else part.yours for part in parts]
    new = [part.yours if part.new == part.base else part.new for part in parts]
    assert resolved(text, 1) == "".join(line for lines in yours for line in lines)
    assert resolved(text, 2) == "".join(line for lines in new for line in lines)


@given(*(st.lists(st.sampled_from([f"{side} 1", f"{side} 2"]), min_size=1) for side in "byn"))
def test_texts_with_nothing_in_common_are_one_conflict_with_both_whole(
    base: list[str], yours: list[str], new: list[str]
) -> None:
    merged = merge(written(base), written(yours), written(new), LABEL)
    assert BLOCK.fullmatch(merged.text)
    assert (resolved(merged.text, 1), resolved(merged.text, 2)) == (written(yours), written(new))


@given(versions(final=False))
def test_the_sections_are_each_text_again(texts: Three) -> None:
    lines = [lines_of(text) for text in texts]
    parts = list(sections(*lines))
    for name, whole in zip(("base", "yours", "new"), lines, strict=True):
        assert [line for part in parts for line in getattr(part, name)] == whole


@given(versions(final=False), st.sampled_from(["\n", "\r\n"]))
def test_line_endings_and_merging_commute(texts: Three, newline: str) -> None:
    base, yours, new = texts
    assume("\n" in yours)
    expected = merge(base, yours, new, LABEL)
    base = base.replace("\n", newline)  # git may check a pristine copy out like that
    merged = merge(base, yours.replace("\n", "\r\n"), new, LABEL)
    assert merged == Merged(expected.text.replace("\n", "\r\n"), expected.conflicts)


@given(texts=versions(final=False))
def test_what_we_merge_cleanly_git_merges_to_the_same(
    texts: Three, tmp_path_factory: pytest.TempPathFactory
) -> None:
    merged = merge(*texts, LABEL)
    conflicts, text = by_git(tmp_path_factory.getbasetemp(), texts)
    assert merged.conflicts or (conflicts, text) == (0, merged.text)


@given(texts=versions_without_repetition())
def test_where_no_line_repeats_git_finds_conflicts_in_the_same_texts(
    texts: Three, tmp_path_factory: pytest.TempPathFactory
) -> None:
    merged = merge(*texts, LABEL)
    conflicts, text = by_git(tmp_path_factory.getbasetemp(), texts)
    assert bool(conflicts) == bool(merged.conflicts)
    assert resolved(text, 1) == resolved(merged.text, 1)
    assert resolved(text, 2) == resolved(merged.text, 2)


def code(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


BASE = code("""
    import json

    TIMEOUT = 1.0

    def get(key):
        return client.get(key)
    """)
YOURS = BASE.replace("TIMEOUT = 1.0", "# Ours is slow.\nTIMEOUT = 9.0")
NEW = BASE.replace("TIMEOUT = 1.0", "# Ours is slow.\nTIMEOUT = 2.0").replace("json", "orjson")
MERGED = code("""
    import orjson

    # Ours is slow.
    <<<<<<< yours
    TIMEOUT = 9.0
    =======
    TIMEOUT = 2.0
    >>>>>>> redis 2.0

    def get(key):
        return client.get(key)
    """)


def test_a_conflict_looks_as_git_writes_it(tmp_path: Path) -> None:
    assert merge(BASE, YOURS, NEW, LABEL).text == MERGED
    assert by_git(tmp_path, (BASE, YOURS, NEW)) == (1, MERGED)


def test_a_change_right_beside_another_one_is_a_conflict(tmp_path: Path) -> None:
    texts = ("a\nb\nc\n", "A\nb\nc\n", "a\nB\nc\n")
    assert merge(*texts, LABEL).conflicts == by_git(tmp_path, texts)[0] == 1


def test_equal_lines_are_not_told_apart_by_chance() -> None:
    """One blank line was removed and something put beside another one: git guesses here."""
    assert merge("\n\nend\n", "\nend\n", "first\n\n\nend\n", LABEL).conflicts == 1


def test_a_marker_begins_a_line_where_the_last_one_does_not_end() -> None:
    merged = merge("a\n", "a\nmine", "a\nnew", LABEL)
    assert merged.text == "a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> redis 2.0\n"


def test_the_byte_order_mark_is_the_users() -> None:
    assert merge("\ufeffa\nb\nc\n", "\ufeffA\nb\nc\n", "a\nb\nC\n", LABEL).text == "\ufeffA\nb\nC\n"
    assert merge("a\nb\nc\n", "A\nb\nc\n", "\ufeffa\nb\nC\n", LABEL).text == "A\nb\nC\n"


def test_a_line_with_another_ending_than_most_is_kept_as_it_is() -> None:
    merged = merge("a\nb\nc\nd\n", "a\r\nb\r\nmine\nd\r\n", "A\nb\nc\nd\n", LABEL)
    assert merged.text == "A\r\nb\r\nmine\nd\r\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (MERGED, 4),
        ("a = 1\n>>>>>>> redis 2.0\n", 2),
        ("\r\n<<<<<<< yours\r\n", 2),
        ("Caching\n=======\n", None),
        ('shift = """\n <<<<<<< HEAD\n<<<<<<<< eight\n"""\n', None),
    ],
)
def test_a_marker_that_was_left_is_found(text: str, line: int | None) -> None:
    assert unresolved(text) == line
