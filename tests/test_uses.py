"""Find what uses modules, packages and settings that are about to go."""

import os
from pathlib import Path

import pytest

from paxx import uses


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
        ("a.py", "type Pair = tuple[int, int]\nfrom core.cache import cached\n", [2]),
        ("a.py", "import core.cache +\n", [1]),
        ("a.py", "import core . cache\nfrom . core import cache\n", [1, 2]),
        ("a.py", "x = b'\xff'\nimport core.cache\n", [2]),
        ("a.py", 'importlib.import_module("core.cache")\n', [1]),
        ("a.py", 'with patch("core.cache.get"):\n    run("core.cache:get")\n', [1, 2]),
        ("a.py", '"""Use core.cache."""\nf"core.cache{x}", "a core.cache", "core.cached"\n', []),
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
    found = list(uses.of(tmp_path, {"core.cache"}, {}, set()))
    assert found == [(path, line, "core.cache") for line in lines]


def test_planned_content_counts_in_place_of_what_is_on_disk(tmp_path: Path) -> None:
    for name in ("kept.py", "edited.py", "deleted.py"):
        (tmp_path / name).write_text("import core.cache\n")
    planned = {"kept.py": b"\nimport core.cache\n", "edited.py": b"", "deleted.py": None}
    found = list(uses.of(tmp_path, {"core.cache"}, planned, set()))
    assert found == [("kept.py", 2, "core.cache")]


def test_what_is_ignored_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "wiring.py").write_text("import core.cache\n")
    assert not list(uses.of(tmp_path, {"core.cache"}, {}, {"wiring.py"}))


def test_without_modules_nothing_is_read(tmp_path: Path) -> None:
    assert not list(uses.of(tmp_path / "nowhere", set(), {}, set()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import redis.asyncio\n", [(1, "redis")]),
        ("from redis import asyncio, client\n", [(1, "redis")]),
        ("from settings import settings\nURL = settings.redis_url\n", [(2, "settings.redis_url")]),
        ("from settings import redis_url\n", [(1, "settings.redis_url")]),
        ("def f(app):\n    return app.state.settings.redis_url\n", [(2, "settings.redis_url")]),
        ("import redis_om\nother.redis_url\nsettings.redis_urls\nredis()\n", []),
        ("f().redis_url, other(a, 'redis_url'), f(settings, redis_url)\n", []),
        ("from settings import settings as c\nc.redis_url\n", [(2, "settings.redis_url")]),
        ("import settings as s\ns.settings.redis_url\n", [(2, "settings.redis_url")]),
        ("Settings().redis_url\n", [(1, "settings.redis_url")]),
        ("from settings import Settings as S\nS(a=1).redis_url\n", [(2, "settings.redis_url")]),
        ("getattr(settings, 'redis_url')\n", [(1, "settings.redis_url")]),
        ("m.setattr(settings, # x\n 'redis_url', 1)\n", [(1, "settings.redis_url")]),
        ("patch('settings.settings.redis_url')\n", [(1, "settings.redis_url")]),
        ("def f(c: Settings):\n    c.redis_url\n", [(2, "settings.redis_url")]),
        ("def f(c: 'Settings' = x):\n    c.redis_url\n", [(2, "settings.redis_url")]),
        ("def f(c=settings):\n    c.redis_url\n", [(2, "settings.redis_url")]),
        ("self.c = get_settings()\nself.c.redis_url\n", [(2, "settings.redis_url")]),
        ("host = 'redis', 'redis.internal'\n", []),
    ],
)
def test_packages_and_settings(
    tmp_path: Path, source: str, expected: list[tuple[int, str]]
) -> None:
    (tmp_path / "a.py").write_text(source)
    found = uses.of(tmp_path, {"redis", "settings.redis_url"}, {}, set())
    assert [(line, name) for _, line, name in found] == expected


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / ".#a.py").symlink_to("user@host.1:2")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    assert not list(uses.of(tmp_path, {"core.cache"}, {}, set()))


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_file_that_may_not_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    (tmp_path / "a.py").write_text("import core.cache\n")

    def fail(_: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", fail)
    expected = [("a.py", 0, "")] if error is PermissionError else []
    assert list(uses.of(tmp_path, {"core.cache"}, {}, set())) == expected


@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_folder_that_may_not_be_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    (tmp_path / "data").mkdir()
    scandir = os.scandir

    def fail(path: str) -> "os._ScandirIterator[str]":
        if path == str(tmp_path / "data"):
            raise error(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", fail)
    expected = [("data", 0, "")] if error is PermissionError else []
    assert list(uses.of(tmp_path, {"core.cache"}, {}, set())) == expected
