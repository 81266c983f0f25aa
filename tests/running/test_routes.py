"""`paxx routes`: what the project's interpreter tells, as a table and as JSON."""

import json
from typing import Any

import pytest

from paxx.running import inspection
from tests.running.conftest import Workbench, write_program

ROUTES: list[dict[str, Any]] = [
    {
        "kind": "http",
        "methods": ["GET", "HEAD"],
        "path": "/docs",
        "name": "swagger_ui_html",
        "tags": [],
        "feature": None,
        "summary": None,
    },
    {
        "kind": "http",
        "methods": ["POST"],
        "path": "/orders",
        "name": "create",
        "tags": ["shop", "new"],
        "feature": "orders",
        "summary": "Place an order, unless the customer has one already.",
    },
    {
        "kind": "websocket",
        "methods": [],
        "path": "/ws",
        "name": None,
        "tags": ["live"],
        "feature": None,
        "summary": None,
    },
]

TABLE = """\
METHOD     PATH     NAME             FEATURE  SUMMARY
GET,HEAD   /docs    swagger_ui_html
POST       /orders  create           orders   Place an order, unless the customer has one already.
WEBSOCKET  /ws                       live
"""

NARROW = """\
GET,HEAD /docs
    swagger_ui_html
POST /orders
    create, orders: Place an order,
    unless the customer has one already.
WEBSOCKET /ws
    live
"""


def tells(workbench: Workbench, **facts: Any) -> None:
    """Let the project tell these facts."""
    answer = workbench.programs / "facts.json"
    answer.write_text(json.dumps(facts))
    write_program(workbench.shop / ".venv/bin/python", f"#!/bin/sh\n/bin/cat '{answer}'\n")


def fails(workbench: Workbench, **failure: Any) -> None:
    known = {"message": "KeyError: 'x'", "is_syntax": False, "path": None, "line": None}
    tells(workbench, failure=known | failure)


def test_a_table_has_a_row_for_each_route(workbench: Workbench) -> None:
    tells(workbench, routes=ROUTES)
    outcome = workbench.run("routes")
    assert outcome.code == 0
    assert outcome.stdout == TABLE


def test_a_narrow_terminal_gets_blocks(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    tells(workbench, routes=ROUTES)
    assert workbench.run("routes").stdout == NARROW


def test_without_routes_there_are_headings_alone(workbench: Workbench) -> None:
    tells(workbench, routes=[])
    assert workbench.run("routes").stdout == "METHOD  PATH  NAME  FEATURE  SUMMARY\n"


def test_json_has_everything_in_the_same_order(workbench: Workbench) -> None:
    tells(workbench, routes=ROUTES)
    assert workbench.run("routes", "--json").json == {
        "schema": 1,
        "command": "routes",
        "status": "unchanged",
        "exit_code": 0,
        "error": None,
        "project": {"root": str(workbench.shop.root)},
        "routes": ROUTES,
    }


@pytest.mark.parametrize(("is_syntax", "code"), [(False, 4), (True, 3)])
def test_an_import_that_fails_is_told_with_its_line(
    workbench: Workbench, *, is_syntax: bool, code: int
) -> None:
    fails(workbench, is_syntax=is_syntax, path="features/orders/router.py", line=7)
    outcome = workbench.run("routes", "--json")
    assert outcome.code == code
    assert outcome.stderr == (
        "error: features/orders/router.py:7: `main.app` cannot be imported: KeyError: 'x'\n"
        'hint: `uv run python -c "import main"` shows where it comes from\n'
    )
    assert outcome.json["routes"] == []
    assert outcome.json["error"]["line"] == 7


def test_a_failure_outside_the_project_has_no_line(workbench: Workbench) -> None:
    fails(workbench)
    assert workbench.run("routes").stderr.startswith("error: `main.app` cannot be imported: KeyE")


def test_a_secret_of_the_project_is_not_told(workbench: Workbench) -> None:
    (workbench.shop / ".env").write_text("PAYMENT_TOKEN=tr0ub4dor\n")
    fails(workbench, message="ValueError: tr0ub4dor is no number")
    assert "tr0ub4dor" not in workbench.run("routes").stderr


def test_an_import_that_ends_the_interpreter_is_told(workbench: Workbench) -> None:
    write_program(workbench.shop / ".venv/bin/python", "#!/bin/sh\nexit 9\n")
    outcome = workbench.run("routes")
    assert outcome.code == 4
    assert "`main.app` ended the interpreter with 9" in outcome.stderr


def test_an_import_that_blocks_is_told(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspection, "PATIENCE", 0.1)
    write_program(workbench.shop / ".venv/bin/python", "#!/bin/sh\nexec /bin/sleep 9\n")
    outcome = workbench.run("routes")
    assert outcome.code == 4
    assert "`main.app` was not imported within 0 s" in outcome.stderr


def test_an_interpreter_that_does_not_run_is_told(workbench: Workbench) -> None:
    write_program(workbench.shop / ".venv/bin/python", "#!/no/such/interpreter\n")
    outcome = workbench.run("routes")
    assert outcome.code == 4
    assert "does not run: No such file or directory\nhint: `uv sync`" in outcome.stderr


def test_without_an_environment_the_way_to_make_one_is_told(workbench: Workbench) -> None:
    assert workbench.run("routes").code == 4
