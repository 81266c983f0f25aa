"""A model of a project: which components it has, in which version, and what the user did to it.

What a project should look like follows from that alone. The history does not matter: the tree is
that of a fresh project in which the user's edits were made first and every component was added
once.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from paxx import catalog
from tests.harness import Shop

Tree = dict[str, bytes]

USER_EDITS = {
    "setting": (
        "settings.py",
        "    app_name: str",
        "    mine: int = 1  # theirs\n    app_name: str",
    ),
    "dependency": ("pyproject.toml", '0.34",\n', '0.34",\n  "zstandard",  # theirs\n'),
    "service": (
        "docker-compose.yml",
        "services:\n",
        "services:\n  # theirs\n  mine:\n    image: x\n\n",
    ),
    "variable": (".env.example", "ENVIRONMENT=", "MINE=1\nENVIRONMENT="),
    "ignored": (".gitignore", "__pycache__/\n", "__pycache__/\n# theirs\n/mine/\n"),
    "code": ("main.py", '"""The application', '"""Ours: the application'),
    "wiring": ("wiring.py", "import db.database\n", "import db.database  # theirs\n"),
}
"""File, text to find, text to put there."""

OWNED = {
    "arq": "core/_arq/worker.py",
    "metrics": "core/metrics.py",
    "postgis": "core/geo.py",
    "redis": "core/cache.py",
    "storage": "core/storage.py",
    "websocket": "core/ws.py",
}
"""A file of each component for the user to write below."""

MINE = b"# theirs, at the end\n"


@dataclass(frozen=True)
class State:
    """Installed components with their versions, edits made, files written to, files left behind."""

    release: int = 1
    installed: frozenset[tuple[str, int]] = frozenset()
    edits: tuple[str, ...] = ()
    touched: frozenset[str] = frozenset()
    orphans: frozenset[tuple[str, int]] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.installed)

    @property
    def is_outdated(self) -> bool:
        return any(release < self.release for _, release in self.installed)

    def added(self, name: str) -> "State":
        return replace(self, installed=self.installed | {(name, self.release)})

    def removed(self, name: str) -> "State":
        entry = next(each for each in self.installed if each[0] == name)
        orphans = {entry} if name in self.touched else set()
        return replace(
            self,
            installed=self.installed - {entry},
            touched=self.touched - {name},
            orphans=self.orphans | orphans,
        )

    def upgraded(self) -> "State":
        return replace(self, installed=frozenset((name, self.release) for name in self.names))


@dataclass
class Model:
    """Says what the tree of a state is; `releases` are the folders of components by number."""

    shop: Shop
    fresh: Tree
    releases: dict[int, Path]
    monkeypatch: pytest.MonkeyPatch
    known: dict[tuple[frozenset[tuple[str, int]], tuple[str, ...]], Tree] = field(
        default_factory=dict
    )

    def use(self, release: int) -> None:
        """Run commands as the paxx of this release."""
        self.monkeypatch.setattr(catalog, "FOLDER", self.releases[release])

    def tree(self, state: State) -> Tree:
        """Return the tree of a state; the one on disk is another afterwards."""
        expected = dict(self._untouched(state.installed, tuple(sorted(state.edits))))
        for name in state.touched:
            expected[OWNED[name]] += MINE
        for name, release in state.orphans:
            expected[OWNED[name]] = (
                self._untouched(frozenset({(name, release)}), ())[OWNED[name]] + MINE
            )
        return expected

    def _untouched(self, installed: frozenset[tuple[str, int]], edits: tuple[str, ...]) -> Tree:
        key = (installed, edits)
        if key not in self.known:
            self.shop.restore(self.fresh)
            for edit in edits:
                make(self.shop, edit)
            for release in self.releases:
                names = sorted(name for name, version in installed if version == release)
                self.use(release)
                if names:
                    outcome = self.shop.add(*names, "--without-requires")
                    assert outcome.code == 0, outcome
            self.known[key] = self.shop.tree()
        return self.known[key]


def make(shop: Shop, edit: str) -> None:
    """Make one of the edits of the user."""
    path, old, new = USER_EDITS[edit]
    text = (shop / path).read_text()
    assert text.count(old) >= 1, (path, old)
    (shop / path).write_text(text.replace(old, new, 1))
