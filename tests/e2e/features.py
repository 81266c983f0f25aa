"""Projects with features, and requests of every kind that their OpenAPI document allows."""

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path
from typing import Any

from paxx import cli
from tests.e2e.combinations import Fields
from tests.e2e.real import RealShop, run

SETTINGS = Path(__file__).with_name("schemathesis.toml")


def bootstrapped(folder: Path, *options: str) -> RealShop:
    """Return a project without an environment of its own."""
    where = ("--output-dir", str(folder), "--no-git", "--no-sync", "--yes")
    assert cli.run(("bootstrap", "shop", *where, *options)) == 0
    return RealShop(folder / "shop")


def create(shop: RealShop, features: Mapping[str, Fields], bundled: Iterable[str] = ()) -> None:
    """Create features in a project, and add bundled ones."""
    with chdir(shop.root):
        for name, fields in features.items():
            assert cli.run(("feature", "create", name, *fields, "--no-sync")) == 0
        for name in bundled:
            assert cli.run(("feature", "add", name, "--no-sync")) == 0


def examined(shop: RealShop, env: Mapping[str, str], folder: Path, examples: int) -> dict[str, Any]:
    """Return what schemathesis reports of the running application; no answer may be wrong.

    `examples` are those of a route, beside those at the borders of what its schema allows.
    """
    report = folder / "report.json"
    program = str(Path(sys.executable).with_name("schemathesis"))
    options = ("--seed", "1", "--max-examples", str(examples), "--continue-on-failure")
    with shop.serve(env=env) as app:
        document = f"{app.url}/openapi.json"
        command = (program, "--config-file", str(SETTINGS), "run", document, *options)
        run(*command, "--report-json-path", str(report), cwd=folder)
    result: dict[str, Any] = json.loads(report.read_text())
    return result


def accepted(report: Mapping[str, Any]) -> dict[str, int]:
    """Return how often each route that writes something new did so."""
    return {
        operation: sum(phase["accepted"] for phase in phases.values())
        for operation, phases in report["valid_rates"].items()
        if operation.startswith("POST ")
    }
