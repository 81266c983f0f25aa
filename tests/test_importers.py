"""Find what imports a module that is about to go."""

from pathlib import Path

import pytest

from paxx import importers


@pytest.mark.parametrize(
    ("path", "source", "lines"),
    [
        ("a.py", "import os\nimport core.cache\n", [2]),
        ("a.py", "import core.cache as c, core.other\n", [1]),
        ("a.py", "from core import other, cache\n", [1]),
        ("a.py", "from core.cache import cached\n", [1]),
        ("core/a.py", "from .cache import cached\n", [1]),
        ("core/a.py", "from . import cache\n", [1]),
        ("features/b/a.py", "from ...core import cache\n", [1]),
        ("a.py", "def f():\n    import core.cache\n", [2]),
        ("a.py", "from .cache import x\nimport cache, core.cached\n# core.cache\n", []),
        ("a.py", "import core.cache +\n", []),
        ("a.py", "\0import core.cache\n", []),
        (".venv/a.py", "import core.cache\n", []),
        ("env/a.py", "import core.cache\n", []),
        ("a.txt", "import core.cache\n", []),
    ],
)
def test_imports_are_found_in_every_form(
    tmp_path: Path, path: str, source: str, lines: list[int]
) -> None:
    (tmp_path / "env").mkdir()
    (tmp_path / "env/pyvenv.cfg").touch()
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(source)
    found = list(importers.of(tmp_path, {"core.cache"}, set()))
    assert found == [(path, line, "core.cache") for line in lines]


def test_what_is_edited_anyway_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "wiring.py").write_text("import core.cache\n")
    assert not list(importers.of(tmp_path, {"core.cache"}, {"wiring.py"}))


def test_without_modules_nothing_is_read(tmp_path: Path) -> None:
    assert not list(importers.of(tmp_path / "nowhere", set(), set()))
