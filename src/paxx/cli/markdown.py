"""Markdown as lines for a terminal: the subset in which the pages of components are written."""

import re
from collections.abc import Iterator

from paxx.cli.streams import styled
from paxx.cli.width import hanging, wrapped

_FENCE = "```"
_ITEM = re.compile(r"( *)(?:[-*]|\d+\.) ")
_URL = re.compile(r"<(https?://[^>]+)>")
_LINK = re.compile(r"\[([^\]]+)\]\((\S+?)\)")


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a page: code as it is, text wrapped, tables aligned."""
    block: list[str] = []
    in_code = False
    for line in [*text.splitlines(), ""]:
        if line.strip().startswith(_FENCE):
            yield from _block(block)
            block = []
            in_code = not in_code
        elif in_code:
            yield f"    {line}".rstrip()
        elif _begins_block(line, block):
            yield from _block(block)
            block = [line] if line else []
            if not line:
                yield ""
        else:
            block.append(line)


def _begins_block(line: str, block: list[str]) -> bool:
    if not line or not block or _ITEM.match(line) or block[0].startswith("#"):
        return True
    return line.startswith("|") != block[0].startswith("|")


def _block(block: list[str]) -> Iterator[str]:
    """Yield one heading, table, item or paragraph."""
    if not block:
        return
    if block[0].startswith("#"):
        yield styled(block[0].lstrip("# "), bold=True)
    elif block[0].startswith("|"):
        yield from _table(block)
    else:
        text = _plain(" ".join(line.strip() for line in block))
        item = _ITEM.match(block[0])
        indent = len(item[1]) if item else 0
        yield from wrapped(text, indent=indent, hang=len(item[0]) - indent if item else 0)


def _table(block: list[str]) -> Iterator[str]:
    rows = [
        tuple(_plain(cell.strip()) for cell in line.strip("|").split("|"))
        for line in block
        if not re.fullmatch(r"[|: -]+", line)
    ]
    yield from hanging(rows)


def _plain(text: str) -> str:
    return _URL.sub(r"\1", _LINK.sub(r"\1 (\2)", text.replace("**", "")))
