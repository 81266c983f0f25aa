"""What an inverse edit cannot know: the lines as they were, found again by their neighbours.

Taking an item out of a list cannot tell whether it was written `[]` or `[ ]` before. Such a
difference is kept as the fewest lines that occur once, and put back where they still do.
"""

import difflib
import re
from itertools import count

from paxx.changes import Patch
from paxx.edits.splice import newline_of


def between(after: str, before: str) -> tuple[Patch, ...]:
    """Return the patches that make `before` of `after`, to be applied in this order."""
    if after == before:  # as good as always, and comparing long files takes long
        return ()
    old, new = _lines(after), _lines(before)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    blocks = [block for block in matcher.get_opcodes() if block[0] != "equal"]
    # From the end on, so that what stands in front of a block is still as it was found.
    return tuple(_patch(old, new, block) for block in reversed(blocks))


def apply(text: str, patch: Patch) -> str | None:
    """Return the text with the patch applied; None where its lines occur not once."""
    lines, found = _lines(text), _lines(patch.found)
    places = _places(lines, found)
    if len(places) != 1 or (patch.at_end and places[0] + len(found) < len(lines)):
        return None
    above, below = lines[: places[0]], lines[places[0] + len(found) :]
    restored = _lines(patch.restored)
    if below and restored:  # the last line of then is no longer the last one
        restored[-1] = restored[-1].removesuffix("\n") + "\n"
    return "".join([*above, *restored, *below]).replace("\n", newline_of(text))


def _patch(old: list[str], new: list[str], block: tuple[str, int, int, int, int]) -> Patch:
    _, start, end, new_start, new_end = block
    # What stands behind the block is already as it was, in front of it nothing has changed yet.
    restored_behind = new[new_end:]
    current = old[:end] + restored_behind
    for context in count(0 if start < end else 1):  # pragma: no branch - all of the file is unique
        above = old[max(start - context, 0) : start]
        below = restored_behind[:context]
        found = [*above, *old[start:end], *below]
        is_whole = len(found) == len(current)
        if is_whole or (found and len(_places(current, found)) == 1):
            restored = "".join([*above, *new[new_start:new_end], *below])
            # Whole lines that took the place of as many others need not stay the last ones.
            is_in_place = end - start == new_end - new_start and restored.endswith("\n")
            return Patch("".join(found), restored, at_end=end == len(old) and not is_in_place)
    raise AssertionError


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text.replace("\r\n", "\n"))


def _places(lines: list[str], found: list[str]) -> list[int]:
    size = len(found)
    return [start for start in range(len(lines) - size + 1) if lines[start : start + size] == found]
