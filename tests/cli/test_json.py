"""What `--json` prints, in every situation: one document that the schema allows."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from paxx.errors import ExitCode
from tests import documents
from tests.cli.test_recover import leave_half_done
from tests.harness import Outcome, Run, Shop

ROOT = Path(__file__).parents[2]
QUIET = ("--no-git", "--no-sync", "--yes")
BIN = Path(sys.executable).parent


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a schema that describes an object."""
    if isinstance(schema, dict):
        if "required" in schema:
            yield schema
        for each in schema.values():
            yield from objects(each)


def test_the_schema_is_one_and_closed() -> None:
    Draft202012Validator.check_schema(documents.SCHEMA)
    found = list(objects(documents.SCHEMA))
    assert len(found) >= 10
    for each in found:
        assert each["additionalProperties"] is False
        assert set(each["required"]) == set(each["properties"]), "a key is always there"


def test_the_schema_that_ships_is_the_one_in_the_docs(run: Run) -> None:
    assert run("schema").stdout == (ROOT / "docs/schema.json").read_text()


def test_every_exit_code_has_its_place_in_the_schema() -> None:
    codes = documents.SCHEMA["$defs"]["exit_code"]["enum"]
    outcome = documents.SCHEMA["$defs"]["outcome"]
    parts = [outcome[part]["properties"]["exit_code"]["enum"] for part in ("then", "else")]
    in_documents = set(ExitCode) - {ExitCode.UNWRITTEN}  # no document tells that of itself
    assert codes == sorted(in_documents) == sorted({*parts[0], *parts[1]})


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"command": "infra sell"},
        {"status": "done"},
        {"status": "failed"},
        {"exit_code": 4},
        {"error": {"message": "no", "hint": None, "path": None, "line": None}},
        {"changes": [{"path": "/etc/passwd", "action": "edit", "diff": ""}]},
        {"extra": 1},
    ],
)
def test_the_schema_refuses_what_never_is(shop: Shop, change: dict[str, Any]) -> None:
    document = shop.add("redis", "--dry-run", "--json").json
    assert documents.VALIDATOR.is_valid(document)
    assert not documents.VALIDATOR.is_valid(document | change)


def planned(shop: Shop) -> Outcome:
    return shop.add("redis", "--dry-run", "--json")


def would_change(shop: Shop) -> Outcome:
    return shop.add("redis", "--check", "--json")


def applied(shop: Shop) -> Outcome:
    return shop.add("redis", "--json")


def unchanged(shop: Shop) -> Outcome:
    shop.add("redis")
    return shop.add("redis", "--json")


def kept(shop: Shop) -> Outcome:
    shop.add("redis")
    (shop / "core/cache.py").write_text("# mine\n")
    outcome = shop.add("redis", "--json")
    assert "kept" in {step["status"] for step in outcome.json["steps"]}
    return outcome


def manual(shop: Shop) -> Outcome:
    (shop / "settings.py").write_text("redis = 3\n")
    outcome = shop.add("redis", "--json")
    assert "manual" in {step["status"] for step in outcome.json["steps"]}
    return outcome


def manual_and_nothing_else(shop: Shop) -> Outcome:
    manual(shop)
    return shop.add("redis", "--json")


def bootstrapped(shop: Shop) -> Outcome:
    return shop.run("bootstrap", "other", "--json", "--with", "redis", *QUIET)


def bootstrap_planned(shop: Shop) -> Outcome:
    return shop.run("bootstrap", "other", "--json", "--dry-run", *QUIET)


def bootstrapped_beside_others(shop: Shop) -> Outcome:
    (shop / "other").mkdir()
    (shop / "other/main.py").write_text("mine = 1\n")
    return shop.run("bootstrap", "other", "--json", "--force", *QUIET)


def bootstrap_in_the_way(shop: Shop) -> Outcome:
    (shop / "other").touch()
    return shop.run("bootstrap", "other", "--json", *QUIET)


def bootstrap_without_a_name(shop: Shop) -> Outcome:
    return shop.run("bootstrap", "--json", *QUIET)


def unknown_component(shop: Shop) -> Outcome:
    return shop.add("redsi", "--json")


def unknown_option(shop: Shop) -> Outcome:
    return shop.add("redis", "--json", "--wrong")


def unknown_command(shop: Shop) -> Outcome:
    return shop.run("infra", "sell", "--json")


def command_without_documents(shop: Shop) -> Outcome:
    return shop.run("schema", "--json")


def broken_file(shop: Shop) -> Outcome:
    (shop / "settings.py").write_text("class Settings(:\n")
    return shop.add("redis", "--json")


def foreign_file(shop: Shop) -> Outcome:
    (shop / "core/cache.py").write_text("# mine\n")
    return shop.add("redis", "--json")


def strict(shop: Shop) -> Outcome:
    (shop / "settings.py").write_text("redis = 3\n")
    return shop.add("redis", "--strict", "--json")


def failed_uv(shop: Shop) -> Outcome:
    uv = shop.root.parent / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho no network >&2\nexit 2\n")
    uv.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(uv.parent))
        return shop.run("infra", "add", "redis", "--json")


def recovered_by_the_next_command(shop: Shop) -> Outcome:
    leave_half_done(shop)
    outcome = shop.add("metrics", "--json")
    assert outcome.json["recovered"]["restored"]
    return outcome


def preview_of_a_half_done_project(shop: Shop) -> Outcome:
    leave_half_done(shop)
    return shop.add("metrics", "--dry-run", "--json")


def recovered(shop: Shop) -> Outcome:
    leave_half_done(shop)
    return shop.run("recover", "--json")


def nothing_to_recover(shop: Shop) -> Outcome:
    return shop.run("recover", "--json")


def recovered_but_for_an_edit(shop: Shop) -> Outcome:
    leave_half_done(shop)
    (shop / "core/cache.py").write_text("# mine\n")
    return shop.run("recover", "--json")


def damaged_journal(shop: Shop) -> Outcome:
    leave_half_done(shop)
    (shop / ".paxx/journal/journal.json").write_text("{")
    return shop.run("recover", "--json")


def listed(shop: Shop) -> Outcome:
    shop.add("redis")
    return shop.run("infra", "list", "--json")


def damaged_record(shop: Shop) -> Outcome:
    shop.add("redis")
    (shop / ".paxx/components/redis.json").write_text("<<<<<<<\n")
    return shop.run("infra", "list", "--json")


def replacing(error: BaseException) -> Any:
    """Return a situation in which files cannot be replaced."""

    def situation(shop: Shop) -> Outcome:
        def failing(*_: object) -> None:
            raise error

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "replace", failing)
            return shop.add("redis", "--json")

    return situation


def shown(shop: Shop) -> Outcome:
    return shop.run("infra", "show", "redis", "--json")


def not_put_back(shop: Shop) -> Outcome:
    leave_half_done(shop)

    def read_only(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "settings.py")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", read_only)
        patch.setattr(os, "unlink", read_only)
        return shop.run("recover", "--json")


SITUATIONS = {
    planned: ("infra add", "planned", 0),
    would_change: ("infra add", "planned", 10),
    applied: ("infra add", "applied", 0),
    unchanged: ("infra add", "unchanged", 0),
    kept: ("infra add", "unchanged", 0),
    manual: ("infra add", "applied", 5),
    manual_and_nothing_else: ("infra add", "unchanged", 5),
    bootstrapped: ("bootstrap", "applied", 0),
    bootstrap_planned: ("bootstrap", "planned", 0),
    bootstrapped_beside_others: ("bootstrap", "applied", 5),
    bootstrap_in_the_way: ("bootstrap", "failed", 4),
    bootstrap_without_a_name: ("bootstrap", "failed", 2),
    unknown_component: ("infra add", "failed", 2),
    unknown_option: ("infra add", "failed", 2),
    unknown_command: (None, "failed", 2),
    command_without_documents: (None, "failed", 2),
    broken_file: ("infra add", "failed", 3),
    foreign_file: ("infra add", "failed", 4),
    strict: ("infra add", "failed", 4),
    failed_uv: ("infra add", "applied", 5),
    recovered_by_the_next_command: ("infra add", "applied", 0),
    preview_of_a_half_done_project: ("infra add", "failed", 4),
    recovered: ("recover", "applied", 0),
    nothing_to_recover: ("recover", "unchanged", 0),
    recovered_but_for_an_edit: ("recover", "applied", 5),
    damaged_journal: ("recover", "failed", 3),
    not_put_back: ("recover", "failed", 8),
    listed: ("infra list", "unchanged", 0),
    shown: ("infra show", "unchanged", 0),
    damaged_record: ("infra list", "failed", 3),
    replacing(OSError(28, "No space left on device")): ("infra add", "failed", 7),
    replacing(ZeroDivisionError()): ("infra add", "failed", 1),
    replacing(KeyboardInterrupt()): ("infra add", "failed", 130),
}


def test_every_exit_code_has_a_situation() -> None:
    elsewhere = {ExitCode.CONFLICTS, ExitCode.UNWRITTEN}
    assert {code for _, _, code in SITUATIONS.values()} == set(ExitCode) - elsewhere


@pytest.mark.integration
@pytest.mark.parametrize(("situation", "told"), SITUATIONS.items())
def test_a_situation_is_told_in_one_document(
    shop: Shop, situation: Any, told: tuple[str | None, str, int]
) -> None:
    outcome = situation(shop)
    document = outcome.json
    assert (document["command"], document["status"], document["exit_code"]) == told
    assert outcome.code == told[2]
    assert ("error: " in outcome.stderr) is (told[1] == "failed")


@pytest.mark.slow
@pytest.mark.parametrize("option", ["--dry-run", "--check", "--diff", "--no-sync"])
def test_in_a_pipe_a_standard_tool_accepts_the_document(shop: Shop, option: str) -> None:
    line = (
        f"'{BIN}/paxx' infra add redis --json --no-sync {option} |"
        f" '{BIN}/check-jsonschema' --schemafile '{ROOT}/docs/schema.json' -"
    )
    outcome = subprocess.run(
        ["bash", "-c", line],
        cwd=shop.root,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "40"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,  # without a terminal to open
    )
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == "ok -- validation done\n"


@pytest.mark.slow
def test_the_commands_of_the_page_work(shop: Shop) -> None:
    page = (ROOT / "docs/exit-codes.md").read_text()
    block = page.partition("```console\n")[2].partition("```")[0]
    lines = [line.removeprefix("$ ") for line in block.splitlines()]
    assert len(lines) == 2
    outcome = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", "\n".join(lines)],
        cwd=shop.root,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, outcome.stdout) == (0, "ok -- validation done\n")


def test_the_pipe_notices_a_document_of_another_shape(tmp_path: Path) -> None:
    line = f"echo '{{}}' | '{BIN}/check-jsonschema' --schemafile '{ROOT}/docs/schema.json' -"
    outcome = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, check=False)
    assert outcome.returncode == 1


def test_only_the_document_is_on_stdout(shop: Shop) -> None:
    outcome = shop.run("infra", "add", "redsi", "--json")
    assert json.loads(outcome.stdout)["error"]["hint"] == "did you mean `redis`?"
    assert outcome.stderr.startswith("error: no component is called `redsi`")
