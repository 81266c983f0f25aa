"""The schema of what `--json` prints, and documents checked against it."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

ROOT = Path(__file__).parents[1]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def parsed(text: str) -> dict[str, Any]:
    """Return the one document that a text is; raises AssertionError unless the schema allows it."""
    _check(text)
    document: dict[str, Any] = json.loads(text)
    return document


@lru_cache(maxsize=8)  # a test asks several times for what a command printed
def _check(text: str) -> None:
    problem = best_match(VALIDATOR.iter_errors(json.loads(text)))
    assert problem is None, f"{problem.json_path}: {problem.message}"
