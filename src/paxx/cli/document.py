"""Reports, lists and errors as one JSON document each, as docs/schema.json says."""

import json
from collections.abc import Collection, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paxx import diff
from paxx.changes import FileChange, Plan, Report, Step, Undone
from paxx.errors import ExitCode, PaxxError
from paxx.strictness import PlanRefused

if TYPE_CHECKING:
    from paxx.doctor.findings import Diagnosis
    from paxx.feature.listing import Listing
    from paxx.listing import Entry
    from paxx.running.inspection import Route
    from paxx.status import Installed, ProjectStatus

SCHEMA = 1

_REPORTS = (
    "bootstrap",
    "feature add",
    "feature create",
    "feature remove",
    "infra add",
    "infra remove",
    "infra upgrade",
)
_WRITTEN: dict[str, Any] = {
    **dict.fromkeys(("project", "problem")),
    **dict.fromkeys(("revisions", "not_compared", "warnings"), ()),
}
_MOVED: dict[str, Any] = {
    **dict.fromkeys(("project", "database", "sql")),
    **dict.fromkeys(("before", "after", "revisions", "dropped"), ()),
}
_HISTORY: dict[str, Any] = {
    **dict.fromkeys(("project", "current", "problem")),
    **dict.fromkeys(("heads", "revisions"), ()),
}
_WITHOUT_PLAN: dict[str, dict[str, Any]] = {
    "feature list": {"project": None, "features": []},
    "infra list": {"components": []},
    "infra show": {"component": None},
    "recover": {"recovered": None},
    "status": {"project": None, "components": [], "conflicts": []},
    "doctor": {"project": None, "findings": []},
    "routes": {"project": None, "routes": []},
    "db migrate": _WRITTEN,
    "db merge": _WRITTEN,
    "db upgrade": _MOVED,
    "db downgrade": _MOVED,
    "db reset": _MOVED,
    "db stamp": _MOVED,
    "db history": _HISTORY,
    "db heads": _HISTORY,
    "db status": {
        "project": None,
        "database": None,
        "current": [],
        "heads": [],
        "pending": [],
        "unknown": [],
        "differences": None,
        "not_compared": [],
        "unversioned": [],
    },
}
"""What the documents of other commands hold when they have nothing to tell."""


def of_report(report: Report, code: ExitCode, secrets: Collection[str]) -> str:
    """Return what a command planned or did; values of `secrets` are hidden in its diffs."""
    runs = [
        {"command": str(run), "result": run.result, "reason": run.reason} for run in report.runs
    ]
    return _json(
        _head(report.command.partition(" --")[0], _status(report), code)
        | _body(report.plan)
        | {
            "changes": [_change(change, secrets) for change in report.plan.changes],
            "runs": runs,
            "recovered": _undone(report.recovered),
        }
    )


def _head(command: str | None, status: str, code: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "command": command,
        "status": status,
        "exit_code": int(code),
        "error": None,
    }


def _body(plan: Plan | None) -> dict[str, Any]:
    return {
        "project": plan and {"root": str(plan.root)},
        "components": list(plan.components) if plan else [],
        "changes": [],
        "steps": [_step(step) for step in plan.steps] if plan else [],
        "runs": [],
        "recovered": None,
        "warnings": list(plan.warnings) if plan else [],
        "next_steps": list(plan.next_steps) if plan else [],
        "news": list(plan.news) if plan else [],
    }


def _status(report: Report) -> str:
    if not report.plan.changes:
        return "unchanged"
    return "applied" if report.applied else "planned"


def _change(change: FileChange, secrets: Collection[str]) -> dict[str, str]:
    lines = diff.of_change(change, secrets)
    return {"path": change.path, "action": change.action, "diff": "".join(lines)}


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


def of_recovery(undone: Undone | None, code: ExitCode) -> str:
    """Return what `paxx recover` put back; null where nothing was half-done."""
    status = "applied" if undone else "unchanged"
    return _json(_head("recover", status, code) | {"recovered": _undone(undone)})


def _undone(undone: object) -> dict[str, list[str]] | None:
    if not isinstance(undone, Undone):
        return None
    return {"restored": list(undone.restored), "left": [each.path for each in undone.left]}


def of_status(status: "ProjectStatus", code: ExitCode) -> str:
    """Return what a project has of its components."""
    body = {
        "project": {"root": str(status.root)},
        "components": [_installed(each) for each in status.components],
        "conflicts": list(status.conflicts),
    }
    return _json(_head("status", "unchanged", code) | body)


def _installed(component: "Installed") -> dict[str, Any]:
    return {
        "name": component.name,
        "state": component.state,
        "version": component.version,
        "available": component.available,
        "modified": list(component.modified),
        "changed": [_step(step) for step in component.changed],
        "missing": [_step(step) for step in component.missing],
        "pending": [_step(step) for step in component.pending],
    }


def of_features(listing: "Listing") -> str:
    """Return the features of a project."""
    body = {
        "project": {"root": str(listing.root)},
        "features": [asdict(feature) for feature in listing.features],
    }
    return of_facts("feature list", body)


def of_diagnosis(diagnosis: "Diagnosis", code: ExitCode) -> str:
    """Return what the doctor found."""
    body = {
        "project": {"root": str(diagnosis.root)},
        "findings": [asdict(finding) for finding in diagnosis.findings],
    }
    return _json(_head("doctor", "unchanged", code) | body)


def of_routes(root: Path, routes: "Iterable[Route]") -> str:
    """Return what an application answers."""
    listed = [{name: getattr(each, name) for name in each.__struct_fields__} for each in routes]
    body = {"project": {"root": str(root)}, "routes": listed}
    return of_facts("routes", body)


def of_database(command: str, root: Path, status: str, code: int, facts: dict[str, Any]) -> str:
    """Return what came of a command on the database."""
    project = {"project": {"root": str(root)}}
    return _json(_head(command, status, code) | project | facts)


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
    return of_facts("infra list", {"components": components})


def of_facts(command: str, body: dict[str, Any]) -> str:
    """Return what a command found that changes nothing."""
    return _json(_head(command, "unchanged", ExitCode.DONE) | body)


def of_error(error: PaxxError, command: str | None) -> str:
    """Return an error and its way out, with the keys that other documents of the command have."""
    details = {
        "message": error.message,
        "hint": error.hint,
        "path": error.path,
        "line": error.line,
    }
    if command in _REPORTS:
        body = _body(error.plan if isinstance(error, PlanRefused) else None)
        body |= {"recovered": _undone(error.recovered)}
    else:
        command = command if command in _WITHOUT_PLAN else None
        body = _WITHOUT_PLAN.get(command or "", {})
    return _json(_head(command, "failed", error.code) | {"error": details} | body)


def _json(document: dict[str, Any]) -> str:
    # The one control character that a JSON text may hold as it is.
    return json.dumps(document, indent=2).replace("\x7f", "\\u007f")
