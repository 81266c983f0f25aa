"""Hostile versions of every file below `.paxx`, as a clone may bring them."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.security import journals
from tests.security.journals import document, entry, sha256

Attack = Callable[[Path, Path], None]
"""Changes the project at a path, to the harm of the folder at another one."""

ATTACKS: dict[str, Attack] = {}


def attack(function: Attack) -> Attack:
    """Put a function on the list of all attacks."""
    ATTACKS[function.__name__] = function
    return function


def up(victim: Path) -> str:
    """Return the path from the project to the folder beside it."""
    return f"../{victim.name}"


def precious(victim: Path) -> str:
    return sha256((victim / "precious.txt").read_bytes())


@attack
def journal_creates_a_file(root: Path, victim: Path) -> None:
    original = sha256(b"original\n")
    journals.write(root, document(entry(f"{up(victim)}/created.sh", original, None)))


@attack
def journal_deletes_a_file(root: Path, victim: Path) -> None:
    target = str(victim / "precious.txt")
    journals.write(root, document(entry(target, None, precious(victim))))


@attack
def journal_moves_a_file_in(root: Path, victim: Path) -> None:
    number = f"../../{up(victim)}/precious.txt"
    journals.write(root, document(entry("stolen.txt", precious(victim), None, original=number)))


@attack
def journal_removes_a_directory(root: Path, victim: Path) -> None:
    journals.write(root, document(directories=(f"{up(victim)}/empty",)))


@attack
def journal_deletes_a_temporary_file(root: Path, victim: Path) -> None:
    temporary = f"{up(victim)}/precious.txt"
    journals.write(root, document(entry("README.md", None, None, temporary=temporary)))


@attack
def journal_goes_through_a_link(root: Path, victim: Path) -> None:
    (root / "docs").symlink_to(victim)
    journals.write(root, document(entry("docs/precious.txt", None, precious(victim))))


@attack
def journal_writes_into_git(root: Path, _: Path) -> None:
    original = sha256(b"original\n")
    journals.write(root, document(entry(".git/hooks/post-checkout", original, None)))


@attack
def journal_deletes_a_file_of_the_project(root: Path, _: Path) -> None:
    digest = sha256((root / "main.py").read_bytes())
    journals.write(root, document(entry("main.py", None, digest)))


@attack
def journal_nests(root: Path, _: Path) -> None:
    journals.write(root, document())
    (root / journals.FOLDER / "journal.json").write_text('{"schema": 1, "x": ' + "[" * 100_000)


def change_record(root: Path, **values: Any) -> None:
    """Change the record of redis."""
    path = root / ".paxx/components/redis.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def with_file(path: str) -> Attack:
    """Return an attack by a record that names a file, and a copy of it."""

    def harm(root: Path, victim: Path) -> None:
        named = path.format(up=up(victim), victim=victim)
        change_record(root, files={named: precious(victim)})
        copy = Path(os.path.normpath(root / f".paxx/base/redis/files/{named}.pristine"))
        if copy.is_relative_to(root):
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes((victim / "precious.txt").read_bytes())

    return harm


def with_edit(path: str) -> Attack:
    """Return an attack by a record that names an edited file, with text to find and restore."""

    def harm(root: Path, victim: Path) -> None:
        edit = {
            "path": path.format(up=up(victim), victim=victim),
            "kind": "line",
            "key": "precious",
            "status": "added",
            "created": True,
            "patches": [{"found": "precious", "restored": ""}],
        }
        change_record(root, edits=[edit])

    return harm


PLACES = ("{up}/precious.txt", "{victim}/precious.txt", ".git/config", ".env")
for number, place in enumerate(PLACES):
    ATTACKS[f"record_of_a_file_{number}"] = with_file(place)
    ATTACKS[f"record_of_an_edit_{number}"] = with_edit(place)


@attack
def record_of_another_name(root: Path, _: Path) -> None:
    change_record(root, name="../../victim")


@attack
def record_of_a_long_version(root: Path, _: Path) -> None:
    change_record(root, version="1." + "9" * 5000)


@attack
def record_that_nests(root: Path, _: Path) -> None:
    (root / ".paxx/components/redis.json").write_text('{"schema": 1, "name": ' + "[" * 100_000)


@attack
def record_of_a_strange_name(root: Path, _: Path) -> None:
    record = root / ".paxx/components/redis.json"
    for name in ("..", "\x1b[2J", "$(touch x)", "\u202ecod"):
        shutil.copy(record, record.with_name(f"{name}.json"))


def change_copy(root: Path, text: str) -> None:
    """Let the copy of the manifest of redis say this, and no more than it has to."""
    path = root / ".paxx/base/redis/component.toml.pristine"
    path.write_text(f'name = "redis"\nversion = "1.0"\nsummary = "A cache"\n{text}\n')


def with_line(path: str) -> Attack:
    """Return an attack by the copy of a manifest that adds a line to a file."""

    def harm(root: Path, victim: Path) -> None:
        named = path.format(up=up(victim), victim=victim)
        line = f'lines = [{{ file = "{named}", line = "fsmonitor = true" }}]'
        change_copy(root, line)
        change_record(root, edits=[])

    return harm


for number, place in enumerate(PLACES):
    ATTACKS[f"copy_with_a_line_{number}"] = with_line(place)


@attack
def copy_with_a_line_behind_a_link(root: Path, victim: Path) -> None:
    (root / "notes.txt").symlink_to(victim / "precious.txt")
    with_line("notes.txt")(root, victim)


@attack
def copy_with_a_line_behind_a_link_to_git(root: Path, victim: Path) -> None:
    (root / "notes.txt").symlink_to(".git/config")
    with_line("notes.txt")(root, victim)


@attack
def copy_with_a_setting_that_is_a_command(root: Path, _: Path) -> None:
    setting = 'name = "x; touch y", type = "str", default = "", help = ""'
    change_copy(root, f"settings = [{{ {setting} }}]")


@attack
def copy_with_a_setting_that_is_a_keyword(root: Path, _: Path) -> None:
    change_copy(root, 'settings = [{ name = "def", type = "str", default = "", help = "" }]')


@attack
def copy_with_a_requirement_that_is_none(root: Path, _: Path) -> None:
    change_copy(root, "dependencies = { runtime = ['redis>=\"'] }")


@attack
def copy_with_a_dependency_that_is_no_service(root: Path, _: Path) -> None:
    change_copy(root, 'compose = { app = [{ depends_on = ["\\n"] }] }')


@attack
def copy_with_a_pattern_that_is_none(root: Path, _: Path) -> None:
    image = 'match = "(" , replace = "{0.__class__}"'
    change_copy(root, f"compose = {{ images = [{{ {image} }}] }}")


@attack
def copy_that_nests(root: Path, _: Path) -> None:
    change_copy(root, "requires = " + "[" * 5000)


@attack
def copy_with_a_template_that_never_ends(root: Path, _: Path) -> None:
    loop = "{% for a in range(9999) %}" * 3 + "{{ a }}" + "{% endfor %}" * 3
    (root / ".paxx/base/redis/compose.yaml.pristine").write_text(
        f"services:\n  x:\n    y: {loop}\n"
    )


@attack
def copy_with_a_service_that_is_a_template(root: Path, _: Path) -> None:
    fragment = "services:\n  {{ app }}:\n    image: x\n  $(touch y):\n    image: z\n"
    (root / ".paxx/base/redis/compose.yaml.pristine").write_text(fragment)


@attack
def copy_of_a_file_that_changed(root: Path, _: Path) -> None:
    for path in (root / ".paxx/base/redis/files").rglob("*.pristine"):
        path.write_text("import os; os.abort()\n")


def with_upgrade(changed: str | None, deferred: str | None) -> Attack:
    """Return an attack by an upgrade that waits, which names files to put back or to write."""

    def harm(root: Path, victim: Path) -> None:
        content = b"hostile\n"
        named = {"before": sha256(content), "after": sha256(content)}
        lists: dict[str, list[dict[str, Any]]] = {"changed": [], "put_off": []}
        for key, path in (("changed", changed), ("put_off", deferred)):
            if path is not None:
                place = path.format(up=up(victim), victim=victim)
                lists[key].append({"path": place, **named})
                folder, suffix = ("original", ".pristine") if key == "changed" else ("next", "")
                copy = root / ".paxx/upgrade" / folder / f"{place.removeprefix('.paxx/')}{suffix}"
                if Path(os.path.normpath(copy)).is_relative_to(root):
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_bytes(content)
        state = {"schema": 1, "components": ["redis"], "conflicts": [], **lists}
        (root / ".paxx/upgrade").mkdir(exist_ok=True)
        (root / ".paxx/upgrade/upgrade.json").write_text(json.dumps(state))

    return harm


for number, place in enumerate((*PLACES, "main.py")):
    ATTACKS[f"upgrade_of_a_file_{number}"] = with_upgrade(place, None)
    ATTACKS[f"upgrade_of_a_record_{number}"] = with_upgrade(None, place)


@attack
def upgrade_that_nests(root: Path, _: Path) -> None:
    (root / ".paxx/upgrade").mkdir()
    (root / ".paxx/upgrade/upgrade.json").write_text('{"schema": 1, "changed": ' + "[" * 100_000)


def places(root: Path) -> Iterator[Path]:
    """Yield `.paxx`, and a directory and a file of each kind below it."""
    base = root / ".paxx"
    yield from (base, base / "components", base / "base", base / "base/redis")
    yield from (base / "components/redis.json", base / "base/redis/component.toml.pristine")
    yield next((base / "base/redis/files").rglob("*.pristine"))


def with_link(number: int, *, to_victim: bool) -> Attack:
    """Return an attack that puts a link in place of a file or directory, to what is outside."""

    def harm(root: Path, victim: Path) -> None:
        place = list(places(root))[number]
        elsewhere = victim / place.name
        if not to_victim:
            shutil.move(place, elsewhere)  # so that what is read is as it was
        elif place.is_dir():
            shutil.rmtree(place)
            elsewhere = victim
        else:
            place.unlink()
            elsewhere = victim / "precious.txt"
        place.symlink_to(os.path.relpath(elsewhere, place.parent))

    return harm


for number in range(7):
    ATTACKS[f"link_to_another_file_{number}"] = with_link(number, to_victim=True)
    ATTACKS[f"link_to_the_same_file_{number}"] = with_link(number, to_victim=False)


@attack
def link_in_place_of_the_journal(root: Path, victim: Path) -> None:
    (root / ".paxx/journal").symlink_to(victim)


@attack
def pipe_in_place_of_the_journal(root: Path, _: Path) -> None:
    (root / ".paxx/journal").mkdir()
    os.mkfifo(root / ".paxx/journal/journal.json")


@attack
def file_in_place_of_the_folder(root: Path, _: Path) -> None:
    shutil.rmtree(root / ".paxx")
    (root / ".paxx").write_text("")
