"""Whatever stands below `.paxx`: it is refused, or it stays inside the project."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paxx import apply, confinement, journal, project, record
from paxx.changes import FileChange
from paxx.errors import FileSyntaxError, PaxxError, PreconditionError
from paxx.plan import unfinished
from tests.faults.operations import snapshot
from tests.security import journals
from tests.security.journals import sha256

pytestmark = pytest.mark.integration

PARTS = st.sampled_from(
    [
        *("..", ".", "", "...", ". .", "~", "/", "\\", "C:", "a\\..", "\x00", "\n", "\u202e"),
        *(".git", ".GIT", ".git.", "git~1", ".g\u200cit", ".paxx", ".env", "journal"),
        *("core", "main.py", "victim", "precious.txt", "new"),
    ]
)
PATHS = st.lists(PARTS | st.text(max_size=2), max_size=5).map("/".join)
DIGESTS = st.sampled_from(
    [None, sha256(b"main\n"), sha256(b"precious\n"), sha256(b"original\n"), "x"]
)
ORIGINALS = st.sampled_from(["0", "1", "", "../../main.py", "/etc/passwd", "\u0661", "0\n"])
ENTRIES = st.builds(
    lambda target, before, after, original, path, same: {
        "path": path,
        "target": target,
        "before": before,
        "after": after,
        "temporary": temporary_of(target) if same else path,
        "original": original,
    },
    PATHS,
    DIGESTS,
    DIGESTS,
    ORIGINALS,
    PATHS,
    st.booleans(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | PATHS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(PATHS, inner, max_size=3),
    max_leaves=6,
)


def temporary_of(target: str) -> str:
    folder, slash, name = target.rpartition("/")
    return f"{folder}{slash}.{name}.paxx-unfinished"


def is_confined(path: str) -> bool:
    """Tell by other means than paxx whether a path stays inside, and out of git."""
    place = os.path.normpath(f"/project/{path}")
    parts = place.casefold().split("/")
    return place.startswith("/project/") and not path.startswith("/") and ".git" not in parts


@contextmanager
def a_project() -> Iterator[Path]:
    """Make a small project beside a file of somebody else."""
    with tempfile.TemporaryDirectory() as folder:
        root, victim = Path(folder, "project"), Path(folder, "victim")
        (root / "core").mkdir(parents=True)
        (victim / "empty").mkdir(parents=True)
        (root / "main.py").write_bytes(b"main\n")
        (victim / "precious.txt").write_bytes(b"precious\n")
        yield root


@given(PATHS)
def test_a_path_that_passes_is_confined(path: str) -> None:
    with suppress(ValueError):
        confinement.check_path(path)
        assert is_confined(path)
    with suppress(ValueError):
        confinement.check_owned(path)
        assert is_confined(path)
        assert not path.casefold().startswith((".paxx/", ".env/"))


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "/etc/passwd", "../x", "core/../../x", "core/./x", "core//x", "core/"),
        *("C:/x", "core\\..\\x", "core/.. /x", "core/\x00", ".git/config", "core/.GIT/hooks/x"),
        *(
            ".git./x",
            "git~1/x",
            ".g\u200cit/x",
            ".paxx/components/x.json",
            ".PAXX/x",
            ".paxx./x",
            ".env",
            ".ENV",
            ".env. ",
            ".env/bin/x",
        ),
    ],
)
def test_a_file_of_the_project_is_not_at(path: str) -> None:
    with pytest.raises(ValueError, match="not a path|leads into|never written"):
        confinement.check_owned(path)


@given(st.lists(st.sampled_from(["core", "a.b", ".x", "ü", "-", "a b", "git"]), min_size=1))
def test_a_path_of_a_project_passes(parts: list[str]) -> None:
    confinement.check_owned("/".join(parts))


@given(st.lists(ENTRIES, max_size=3), st.lists(PATHS | st.just("."), max_size=3))
def test_no_journal_leads_outside_even_if_it_is_signed(
    entries: list[dict[str, Any]], directories: list[str]
) -> None:
    with a_project() as root:
        journals.write(root, journals.document(*entries, directories=tuple(directories)))
        journals.sign(root)
        beside = snapshot(root.parent / "victim")
        with suppress(PaxxError):
            apply.recover(root)
        assert snapshot(root.parent / "victim") == beside


@given(st.data())
def test_a_journal_that_is_changed_in_any_way_is_not_undone(data: st.DataObject) -> None:
    with a_project() as root:
        changes = [FileChange("main.py", b"main\n", b"new\n"), FileChange("core/a.py", None, b"a")]
        journal.write(journal.plan(root, changes))
        (root / "main.py").write_bytes(b"new\n")
        path = root / journals.FOLDER / journal.PLAN
        genuine = path.read_bytes()
        at = data.draw(st.integers(0, len(genuine) - 1))
        changed = genuine[:at] + data.draw(st.binary(max_size=2)) + genuine[at + 1 :]
        path.write_bytes(changed)
        with suppress(FileSyntaxError, PreconditionError):
            apply.recover(root)
        if (root / "main.py").read_bytes() == b"main\n":  # it was undone, so it says the same
            kind = journal._Document
            expected = msgspec.json.decode(genuine, type=kind)
            assert msgspec.json.decode(changed, type=kind) == expected


def reader(content: bytes) -> project.Reader:
    return lambda _: content


@given(st.dictionaries(PATHS, st.text(max_size=3), max_size=3), st.lists(PATHS, max_size=2))
def test_no_record_leads_outside(files: dict[str, str], edited: list[str]) -> None:
    edits = [{"path": each, "kind": "", "key": "", "status": "added"} for each in edited]
    known = {"schema": 1, "name": "redis", "version": "1.0", "files": files, "edits": edits}
    with suppress(FileSyntaxError):
        found = record.load(reader(json.dumps(known).encode()), "redis")
        assert found is not None
        for path in [*found.files, *(key[0] for key in found.edits)]:
            assert is_confined(path)
            assert not path.startswith(".paxx/")


def read_record(content: bytes) -> object:
    return record.load(reader(content), "redis")


def read_copy(content: bytes) -> object:
    return record.component_of(reader(content), "redis")


def read_upgrade(content: bytes) -> object:
    return unfinished.load(project.Project(Path("/nowhere"), "shop", reader(content)))


KEYS = ("schema", "name", "version", "files", "edits", "components", "conflicts", "changed")


@pytest.mark.parametrize("read", [read_record, read_copy, read_upgrade])
@given(st.dictionaries(st.sampled_from([*KEYS, "put_off"]) | PATHS, JSON, max_size=6))
def test_any_document_is_read_or_refused(
    read: Callable[[bytes], object], document: dict[str, Any]
) -> None:
    for content in (document, {"schema": 1, "name": "redis", **document}):
        with suppress(FileSyntaxError):
            read(json.dumps(content).encode())


@pytest.mark.parametrize("read", [read_record, read_copy, read_upgrade])
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(read: Callable[[bytes], object], content: bytes) -> None:
    for each in (content, b'{"schema": 1, "name":' + content, b'name = "redis"\n' + content):
        with suppress(FileSyntaxError):
            read(each)
