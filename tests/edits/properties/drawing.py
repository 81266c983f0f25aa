"""Draw files with hypothesis, and check what every edit of them has to keep."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st

from paxx import edits
from paxx.changes import Already, Edited, Outcome, Patch
from paxx.edits import patch

Edit = Callable[[str], Outcome]

COMMENTS = st.sampled_from(["", "  # a note", "  # é: a, b"])
GAPS = st.sampled_from(["", "", "\n", "{0}# about the next\n", "\n{0}# one\n{0}# two\n"])
NAMES = st.sampled_from(["alpha", "beta", "gamma", "omega", "zeta", "Ünï"])
ENDS = st.sampled_from(["", "\n", "\n\n", "\n# the end\n"])

MARK = "of the user"


@dataclass(frozen=True, slots=True)
class Reversible:
    """An edit and its inverse, with the arguments that both take."""

    add: Edit
    remove: Edit


Pair = tuple[Reversible, Reversible]
"""Two edits of the same file."""


def reversible(name: str, /, **arguments: Any) -> Reversible:
    """Return the edit with a name such as `python.add_item`."""
    inverse = name.replace(".add_", ".remove_")
    add, remove = (partial(edits.function(each), **arguments) for each in (name, inverse))
    return Reversible(add, remove)


def edited(edit: Edit, content: str) -> str:
    outcome = edit(content)
    assert isinstance(outcome, Edited), outcome
    return outcome.text


def is_subsequence(parts: Iterable[str], of: Iterable[str]) -> bool:
    rest = iter(of)
    return all(any(part == other for other in rest) for part in parts)


def with_crlf(content: str) -> str:
    return content.replace("\n", "\r\n")


def whole_lines(content: str) -> list[str]:
    """Return the lines that may at most gain the comma that separates an item from ours."""
    lines = [line.replace(",", "") for line in content.splitlines()]
    return [line for line in lines if not set(line) & set("[({})]") and not line.startswith("from")]


def check(content: str, first: Edit, second: Edit) -> str:
    """Check what holds for every addition and return the file with both edits."""
    once = edited(first, content)
    assert is_subsequence(content, once)
    assert is_subsequence(whole_lines(content), whole_lines(once))
    assert first(once) == Already()
    both = edited(second, once)
    assert first(both) == second(both) == Already()
    assert edited(first, edited(second, content)) == both
    assert once.endswith("\n") == (content.endswith("\n") or not content)
    if "\n" in content:
        assert edited(first, with_crlf(content)) == with_crlf(once)
    return both


def check_removal(content: str, first: Reversible, second: Reversible) -> None:
    """Check that either edit, and both in any order, can be taken out as if never made."""
    once = edited(first.add, content)
    both = edited(second.add, once)
    first_lost = lost(first, once, content)
    second_lost = lost(second, both, once)
    assert restored(first, once, first_lost) == content
    assert restored(second, both, second_lost) == once
    assert restored(first, both, first_lost) == edited(second.add, content)
    all_lost = second_lost + first_lost
    assert restored(first, restored(second, both, second_lost), all_lost) == content
    assert restored(second, restored(first, both, first_lost), all_lost) == content


def check_removal_without_patches(content: str, *all_: Reversible) -> None:
    """Check that a file as a formatter writes it needs no patches."""
    for each in all_:
        assert edited(each.remove, edited(each.add, content)) == content


def check_removal_with_crlf(content: str, edit: Reversible) -> None:
    """Check that it makes no difference which comes first, the removal or the conversion."""
    once = edited(edit.add, content)
    assert edited(edit.remove, with_crlf(once)) == with_crlf(edited(edit.remove, once))


def lost(edit: Reversible, after: str, before: str) -> tuple[Patch, ...]:
    """Return what is recorded when the edit is made: what its inverse does not know."""
    return patch.between(edited(edit.remove, after), before)


def restored(edit: Reversible, content: str, patches: Iterable[Patch]) -> str:
    """Take the edit out, and apply those of the patches that apply."""
    removed = edited(edit.remove, content)
    assert edit.remove(removed) == Already()
    for each in patches:
        patched = patch.apply(removed, each)
        removed = removed if patched is None else patched
    return removed


Touch = Callable[[str], str]


@st.composite
def touches(draw: st.DrawFn) -> Touch:
    """Draw what a user does to one line: a comment above it or behind it, a blank line."""
    where = draw(st.integers(0, 40))
    how = draw(st.sampled_from(["comment above", "comment behind", "blank line above"]))
    return partial(_touched, where, how)


def _touched(where: int, how: str, content: str) -> str:
    lines = content.splitlines()
    place = where % len(lines)
    line = lines[place]
    indent = line[: len(line) - len(line.lstrip())]
    if how == "comment behind" and line.strip():  # a blank line stays one
        lines[place] = f"{line}  # {MARK}"
    else:
        lines.insert(place, "" if how == "blank line above" else f"{indent}# {MARK}")
    return "\n".join(lines) + "\n" * content.endswith("\n")


def check_that_the_users_stays(content: str, edit: Reversible, touched: str) -> None:
    """Check that removal takes no line of the user's, with one of them drawn into the file.

    `touched` is `content` with the edit made and what the user did to it then. A blank line in what
    was added may go, and one beside it. What stays then stays for good.
    """
    outcome = edit.remove(touched)
    left = outcome.text if isinstance(outcome, Edited) else touched
    assert not isinstance(edit.remove(left), Edited)
    assert left.count(MARK) == touched.count(MARK)
    assert blank_lines(left) >= min(blank_lines(content), blank_lines(touched)) - 1
    theirs = [line for line in whole_lines(content) if line.strip()]
    assert is_subsequence(theirs, whole_lines(left.replace(f"  # {MARK}", "")))
    assert is_subsequence(_characters(content), _characters(left))


def blank_lines(content: str) -> int:
    return sum(not line.strip() for line in content.split("\n"))


def _characters(content: str) -> str:
    return "".join(content.replace(",", "").split())


@st.composite
def sequences(draw: st.DrawFn, item: str, indent: str) -> str:
    """Draw the inside of a bracket with one item on each line, or all on one line."""
    items = [item.format(name) for name in draw(st.lists(NAMES, unique=True, max_size=4))]
    if not items:
        return draw(st.sampled_from(["", f"\n{indent}# nothing\n", "\n"]))
    if draw(st.booleans()):
        return ", ".join(items) + draw(st.sampled_from(["", ","] if len(items) > 1 else [""]))
    lines = "\n"
    for index, each in enumerate(items):
        comma = "," if index < len(items) - 1 else draw(st.sampled_from(["", ","]))
        lines += draw(GAPS).format(indent) + indent + each + comma + draw(COMMENTS) + "\n"
    return lines + draw(st.sampled_from(["", f"{indent}# last\n"]))


@st.composite
def entries(draw: st.DrawFn, line: str, indent: str) -> str:
    """Draw whole lines for distinct names with comments and gaps between them."""
    names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=4))
    drawn = ""
    for name in names:
        drawn += draw(GAPS).format(indent) + indent + line.replace("NAME", name)
        drawn += draw(COMMENTS) + "\n"
    return drawn
