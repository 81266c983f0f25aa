"""Reports, lists and errors as one JSON document; the keys are those of docs/exit-codes.md."""

import json
from typing import TYPE_CHECKING, Any

from paxx import diff
from paxx.changes import FileChange, Report, Step, Undone
from paxx.errors import ExitCode, PaxxError

if TYPE_CHECKING:
    from paxx.listing import Entry

SCHEMA = 1


def of_report(report: Report, code: ExitCode) -> str:
    """Return what a command planned or did."""
    return _json(
        {
            "schema": SCHEMA,
            "command": report.command,
            "status": _status(report),
            "exit_code": int(code),
            "project": {"root": str(report.plan.root)},
            "components": list(report.plan.components),
            "changes": [_change(change) for change in report.plan.changes],
            "steps": [_step(step) for step in report.plan.steps],
            "runs": [
                {"command": str(run), "result": run.result, "reason": run.reason}
                for run in report.runs
            ],
            "recovered": _undone(report.recovered),
            "warnings": list(report.plan.warnings),
            "next_steps": list(report.plan.next_steps),
            "error": None,
        }
    )


def _status(report: Report) -> str:
    if not report.plan.changes:
        return "unchanged"
    return "applied" if report.applied else "planned"


def _change(change: FileChange) -> dict[str, str]:
    return {"path": change.path, "action": change.action, "diff": "".join(diff.of_change(change))}


def _step(step: Step) -> dict[str, str]:
    return {
        "component": step.component,
        "kind": step.kind,
        "path": step.path,
        "key": step.key,
        "status": step.status,
        "note": step.note,
        "snippet": step.snippet,
    }


def of_recovery(undone: Undone | None) -> str:
    """Return what `paxx recover` put back; null where nothing was half-done."""
    return _json({"schema": SCHEMA, "command": "recover", "recovered": _undone(undone)})


def _undone(undone: Undone | None) -> dict[str, list[str]] | None:
    if undone is None:
        return None
    return {"restored": list(undone.restored), "left": list(undone.left)}


def of_listing(entries: "tuple[Entry, ...]") -> str:
    """Return the components and what the project has of them."""
    components = [
        {
            "name": entry.name,
            "summary": entry.summary,
            "state": entry.state,
            "version": entry.version,
            "requires": list(entry.requires),
            "available": entry.available,
            "changelog": [
                {"version": version, "text": text} for version, text in entry.changelog.items()
            ],
        }
        for entry in entries
    ]
    return _json({"schema": SCHEMA, "command": "infra list", "components": components})


def of_error(error: PaxxError) -> str:
    """Return an error and its way out."""
    details = {
        "message": error.message,
        "hint": error.hint,
        "path": error.path,
        "line": error.line,
    }
    return _json({"schema": SCHEMA, "status": "failed", "exit_code": error.code, "error": details})


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2)
