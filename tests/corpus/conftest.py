"""A cache for the corpus, whose commands read the same texts again and again."""

from functools import lru_cache

import pytest

from paxx.edits.yaml import document
from paxx.redaction import places

_CACHED = [
    (module, name, lru_cache(maxsize=512)(getattr(module, name).__wrapped__))
    for module, name in ((document, "read"), (places, "of"))
]


@pytest.fixture(autouse=True)
def parse_each_text_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what a command parsed for the next one; real commands are processes of their own."""
    for module, name, cached in _CACHED:
        monkeypatch.setattr(module, name, cached)
