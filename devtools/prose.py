"""Prose check: terms that the project replaces, in texts and in names. The list: `prose.toml`."""

from __future__ import annotations

import fnmatch
import re
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from devtools.environment import ROOT, tracked_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DATA = ROOT / "devtools" / "prose.toml"
EVERYWHERE = ("*",)
# Between the words of a phrase: an underscore, or a line break in a comment or a string.
GAP = r"""[\s_"'#]+"""
DEFINITION = re.compile(
    r"^\s*(?:async def|def|class) +(\w+)|^(\w+)(?::[^=\n]*)? =(?!=)", re.MULTILINE
)


@dataclass(frozen=True)
class Term:
    """Words, as a regular expression, and the replacement; `paths` limits a term for names."""

    words: str
    instead: str
    paths: Sequence[str] = EVERYWHERE


@dataclass(frozen=True)
class Allowance:
    """Justified uses: the lines that match a regular expression."""

    line: str
    reason: str
    paths: Sequence[str] = EVERYWHERE


class Finding(NamedTuple):
    """A use of a term."""

    path: str
    line: int
    words: str
    instead: str

    def __str__(self) -> str:
        """Return the finding as a line of output."""
        return f'{self.path}:{self.line}: "{self.words}" -> {self.instead}'


class Prose:
    """The content of `prose.toml`."""

    def __init__(self, text: str) -> None:
        data = tomllib.loads(text)
        self.excluded: list[str] = data["excluded"]
        self.in_text = [Term(**entry) for entry in data["text"]]
        self.in_names = [Term(**entry) for entry in data["name"]]
        self.allowances = [Allowance(**entry) for entry in data["allow"]]
        # One pattern, a group for each term, reads the repository in a third of the time of many.
        groups = "|".join(f"({term.words.replace(' ', GAP)})" for term in self.in_text)
        self.pattern = re.compile(f"(?i:(?<![a-z])(?:{groups}))(?![a-z])")

    def findings(self, path: str, content: str) -> list[Finding]:
        """Return the findings in the name and the content of a file, in order."""
        if _fits(path, self.excluded):
            return []
        found = []
        for position, words, term in (*self._names(path, content), *self._texts(content)):
            number = content.count("\n", 0, position)
            line = content.split("\n", number + 1)[number]
            if not any(re.search(a.line, line) for a in self.allowances if _fits(path, a.paths)):
                found.append(Finding(path, number + 1, words, term.instead))
        return sorted(found)

    def _texts(self, content: str) -> Iterator[tuple[int, str, Term]]:
        for match in self.pattern.finditer(content):
            term = self.in_text[(match.lastindex or 1) - 1]
            yield match.start(), " ".join(match.group().split()), term

    def _names(self, path: str, content: str) -> Iterator[tuple[int, str, Term]]:
        names = [(0, _file_name(path))]
        if ".py" in path:
            matches = DEFINITION.finditer(content)
            names += [
                (found.start(found.lastindex or 0), found[found.lastindex or 0])
                for found in matches
            ]
        for term in self.in_names:
            if _fits(path, term.paths):
                pattern = re.compile(f"_*(?:{term.words})")
                yield from ((at, name, term) for at, name in names if pattern.fullmatch(name))


def _fits(path: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)


def _file_name(path: str) -> str:
    """Return the name of a module or of another file; a package has that of its folder."""
    file = PurePosixPath(path)
    return file.parent.name if file.stem == "__init__" else file.name.partition(".")[0]


def check(*paths: str) -> list[Finding]:
    """Return the findings in the tracked files at or below `paths`, by default in all of them."""
    prose = Prose(DATA.read_text(encoding="utf-8"))
    contents = {path: (ROOT / path).read_text("utf-8", "replace") for path in tracked_files(*paths)}
    return [each for path, content in contents.items() for each in prose.findings(path, content)]


def main() -> None:
    """Print the findings in the files of the command line, by default in all, and their number."""
    found = check(*sys.argv[1:])
    by_term = Counter(each.instead for each in found).most_common()
    totals = [f"{count:5} {instead}" for instead, count in by_term]
    print(*found, "", *totals, f"{len(found):5} in all", sep="\n")  # noqa: T201


if __name__ == "__main__":
    main()
