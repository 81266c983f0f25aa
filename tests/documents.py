"""The schema of what `--json` prints, and documents checked against it."""

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

ROOT = Path(__file__).parents[1]
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)


def parsed(text: str) -> dict[str, Any]:
    """Return the one document that a text is; raises AssertionError unless the schema allows it."""
    document: dict[str, Any] = json.loads(text)
    problem = best_match(VALIDATOR.iter_errors(document))
    assert problem is None, f"{problem.json_path}: {problem.message}"
    return document
