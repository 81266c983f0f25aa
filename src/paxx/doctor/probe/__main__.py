"""Print one JSON document of facts; run in the root of a project, the question as argument."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

# In place of this folder: for as long as our own modules are imported, then never again.
sys.path[0] = str(Path(__file__).parents[3])

from paxx.doctor.probe import services, variables, writes  # noqa: E402

sys.path[0] = str(Path.cwd())


def facts(question: "dict[str, list[str]]") -> "dict[str, Any]":
    """Return what can be found out; services are left out where the settings are not valid."""
    found = {"python": platform.python_version(), **variables.facts()}
    if not found.get("invalid") and not found.get("failure"):
        found |= services.facts(question)
    return found


def main() -> None:
    """Answer on what is now the standard output, which the project does not get to write to."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answer:
        os.dup2(2, 1)
        sys.addaudithook(writes.refuse)
        json.dump(facts(json.loads(sys.argv[1])), answer)
    os._exit(0)  # a thread of the project may still be waiting for a server


if __name__ == "__main__":
    main()
