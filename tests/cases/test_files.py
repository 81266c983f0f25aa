"""Bytes, names, links and permissions of files: the numbers are those of docs/cases.md."""

import errno
import os
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from paxx import catalog
from tests.cases.by_hand import (
    EDITED,
    added,
    commit_all,
    git,
    manual,
    refused,
    replace,
    unchanged_by_a_second_time,
)
from tests.harness import Run, Shop, changed_lines

BOM = b"\xef\xbb\xbf"


def test_01_windows_line_endings_stay(shop: Shop) -> None:
    plain = shop.tree()
    shop.add("redis")
    expected = {path: (shop / path).read_bytes() for path in EDITED}
    shop.restore(plain)
    for path in EDITED:
        (shop / path).write_bytes(plain[path].replace(b"\n", b"\r\n"))
    assert shop.add("redis").code == 0
    for path in EDITED:
        assert (shop / path).read_bytes() == expected[path].replace(b"\n", b"\r\n")
    unchanged_by_a_second_time(shop)


@pytest.mark.parametrize("path", EDITED)
def test_02_mixed_line_endings_get_the_one_of_most_lines(shop: Shop, path: str) -> None:
    lines = (shop / path).read_bytes().splitlines(keepends=True)
    mixed = b"".join([lines[0], *(line.replace(b"\n", b"\r\n") for line in lines[1:])])
    (shop / path).write_bytes(mixed)
    assert shop.add("redis").code == 0
    gone, came = changed_lines(mixed, (shop / path).read_bytes())
    assert not gone
    assert came
    assert all(line.endswith(b"\r\n") for line in came)


@pytest.mark.parametrize("path", EDITED)
def test_02_carriage_returns_alone_are_refused(shop: Shop, path: str) -> None:
    (shop / path).write_bytes((shop / path).read_bytes().replace(b"\n", b"\r"))
    refused(shop, path, 3)


@pytest.mark.parametrize("path", EDITED)
def test_03_a_byte_order_mark_stays(shop: Shop, path: str) -> None:
    plain = shop.tree()
    shop.add("redis")
    expected = BOM + (shop / path).read_bytes()
    shop.restore(plain)
    (shop / path).write_bytes(BOM + plain[path])
    assert shop.add("redis").code == 0
    assert (shop / path).read_bytes() == expected
    unchanged_by_a_second_time(shop)


def test_03_a_form_feed_is_no_line_ending(shop: Shop) -> None:
    replace(shop, "settings.py", "class Settings", "# a page\x0c of its own\n\x0cclass Settings")
    diff = shop.add("redis", "--diff").stdout
    assert "\n\\ No newline" not in diff
    assert "redis_url: str" in "".join(added(shop, "settings.py"))


@pytest.mark.parametrize("path", EDITED)
def test_04_a_file_that_is_not_utf8_is_named(shop: Shop, path: str) -> None:
    (shop / path).write_bytes((shop / path).read_bytes() + b"# caf\xe9\n")
    refused(shop, f"{path}: not UTF-8", 3)


def test_04_a_coding_cookie_over_utf8_is_no_obstacle(shop: Shop) -> None:
    (shop / "settings.py").write_bytes(
        b"# -*- coding: utf-8 -*-\n" + (shop / "settings.py").read_bytes() + "# é\n".encode()
    )
    assert 'redis_url: str = "redis://localhost:6379/0"' in added(shop, "settings.py")


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("settings.py", "    ", "\t"),
        ("settings.py", "    ", "  "),
        ("wiring.py", "    ", "  "),
        ("docker-compose.yml", "  ", "    "),
        ("pyproject.toml", '  "', '\t"'),
    ],
)
def test_05_indentation_follows_the_file(shop: Shop, path: str, old: str, new: str) -> None:
    plain = shop.tree()
    shop.add("redis")
    expected = (shop / path).read_text().replace(old, new)
    shop.restore(plain)
    (shop / path).write_text((shop / path).read_text().replace(old, new))
    assert shop.add("redis").code == 0
    assert (shop / path).read_text() == expected


@pytest.mark.integration
@pytest.mark.parametrize("path", EDITED)
def test_06_no_final_newline_glues_no_lines(shop: Shop, path: str) -> None:
    before = (shop / path).read_text().rstrip("\n")
    (shop / path).write_text(before)
    diff = shop.add("redis", "--diff").stdout
    is_at_end = path == "docker-compose.yml"
    assert ("\n\\ No newline at end of file\n" in diff) is is_at_end
    assert shop.add("redis").code == 0
    after = (shop / path).read_text().splitlines()
    assert [line for line in before.splitlines() if line not in after] == []
    unchanged_by_a_second_time(shop)


def test_11_a_file_that_was_deleted_comes_back_and_is_wired_once(shop: Shop) -> None:
    shop.add("redis")
    complete = shop.tree()
    (shop / "core/cache.py").unlink()
    assert shop.add("redis").code == 0
    assert shop.tree() == complete


def test_12_a_file_that_was_moved_shows_in_the_list(shop: Shop) -> None:
    shop.add("redis")
    (shop / "core/cache.py").rename(shop / "core/caching.py")
    listed = shop.run("infra", "list", "--json").json["components"]
    assert [each["state"] for each in listed if each["name"] == "redis"] == ["modified"]


def test_16_a_file_with_other_content_is_never_written_over(shop: Shop) -> None:
    (shop / "core/cache.py").write_text("# mine\n")
    refused(shop, "`core/cache.py` exists and is not what `redis` would write", 4)


def test_16_a_file_that_came_with_another_version_is_kept_as_that(
    shop: Shop, sample_catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add("cache")
    old = shop.tree()
    newer = tmp_path / "catalog"
    for source in sample_catalog.rglob("*"):
        if source.is_file():
            target = newer / source.relative_to(sample_catalog)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    (newer / "cache/files/core/store.py").write_text('"""Newer."""\n')
    monkeypatch.setattr(catalog, "FOLDER", newer)
    assert "nothing to do" in shop.add("cache").stdout
    assert shop.tree() == old
    replace(shop, "pyproject.toml", '  "redis', '  # "redis')  # something to put right
    shop.add("cache")
    for path in ("core/store.py", ".paxx/base/cache/files/core/store.py.pristine"):
        assert (shop / path).read_bytes() == old[path]


def test_17_a_directory_where_a_file_goes(shop: Shop) -> None:
    (shop / "core/cache.py").mkdir()
    refused(shop, "core/cache.py", 4)


def test_17_a_directory_where_a_file_is_edited(shop: Shop) -> None:
    (shop / ".env.example").unlink()
    (shop / ".env.example").mkdir()
    refused(shop, ".env.example: a directory is in the way", 4)


def test_17_a_file_where_a_directory_goes(shop: Shop) -> None:
    (shop / ".paxx").write_text("")
    refused(shop, "a file is in the way of this directory", 4)


def test_18_an_untracked_file_is_never_written_over(shop: Shop) -> None:
    commit_all(shop.root)
    (shop / "core/cache.py").write_text("# not in git yet\n")
    refused(shop, "`core/cache.py` exists", 4)


def test_23_a_link_within_the_project_stays_a_link(shop: Shop) -> None:
    (shop / "conf").mkdir()
    (shop / "settings.py").rename(shop / "conf/settings.py")
    (shop / "settings.py").symlink_to("conf/settings.py")
    assert shop.add("redis").code == 0
    assert (shop / "settings.py").is_symlink()
    assert "redis_url" in (shop / "conf/settings.py").read_text()


def test_23_a_link_out_of_the_project_is_refused(shop: Shop, tmp_path: Path) -> None:
    (shop / ".env.example").rename(tmp_path / "elsewhere")
    (shop / ".env.example").symlink_to("../elsewhere")
    refused(shop, ".env.example: this leads out of the project", 4)


@pytest.mark.parametrize("target", ["nowhere", ".env.example"])
def test_23_a_link_to_nothing_is_refused(shop: Shop, target: str) -> None:
    (shop / ".env.example").unlink()
    (shop / ".env.example").symlink_to(target)
    refused(shop, ".env.example: this link leads nowhere", 4)


def test_23_the_dotenv_file_is_not_touched_whatever_it_is(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("SECRET_KEY=x\n")
    (shop / ".env").symlink_to("../secrets")
    assert shop.add("redis").code == 0
    assert (tmp_path / "secrets").read_text() == "SECRET_KEY=x\n"


@pytest.mark.parametrize(
    ("link", "target", "message"),
    [
        (".env.example", ".env", ".env.example: `.env` is never written, and it is this file"),
        (".env", ".env.example", ".env.example: `.env` is never written, and it is this file"),
        (".env.example", ".paxx/notes", ".env.example: `.paxx/notes` leads into `.paxx`"),
        (".env.example", "settings.py", "settings.py: `.env.example` is the same file"),
    ],
)
def test_23_a_link_between_files_of_different_use_is_refused(
    shop: Shop, link: str, target: str, message: str
) -> None:
    (shop / ".paxx").mkdir()
    (shop / ".paxx/notes").write_text("A=1\n")
    (shop / ".env").write_text("SECRET_KEY=x\n")
    (shop / link).unlink()
    (shop / link).symlink_to(target)
    refused(shop, message, 4)


def test_23_a_hard_link_to_the_dotenv_file_is_parted(shop: Shop) -> None:
    before = (shop / ".env.example").read_bytes()
    (shop / ".env").hardlink_to(shop / ".env.example")
    assert shop.add("redis").code == 0
    assert (shop / ".env").read_bytes() == before
    assert "REDIS_URL" in (shop / ".env.example").read_text()


@pytest.mark.parametrize("path", EDITED)
def test_24_a_read_only_file(shop: Shop, path: str) -> None:
    (shop / path).chmod(0o444)
    refused(shop, f"{path}: no permission to write", 4)


def test_24_a_read_only_directory(shop: Shop) -> None:
    (shop / "core").chmod(0o555)
    refused(shop, "no permission to write in this directory", 4)


def test_24_a_read_only_directory_behind_a_link(shop: Shop) -> None:
    (shop / "conf").mkdir()
    (shop / "settings.py").rename(shop / "conf/settings.py")
    (shop / "settings.py").symlink_to("conf/settings.py")
    (shop / "conf").chmod(0o555)
    refused(shop, "no permission to write in this directory", 4)


def test_24_a_file_that_cannot_be_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def forbidden(path: Path) -> bytes:
        if path.name == "settings.py":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forbidden)
        outcome = shop.add("redis")
    assert outcome.code == 4
    assert "error: settings.py: cannot be read: permission denied" in outcome.stderr


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("features", ("feature", "list")),
        ("features", ("feature", "create", "products", "name:str")),
        (".paxx/components", ("status",)),
    ],
)
def test_24_a_directory_that_cannot_be_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, folder: str, arguments: tuple[str, ...]
) -> None:
    iterdir = Path.iterdir

    def forbidden(path: Path) -> Iterator[Path]:
        if path == shop / folder:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return iterdir(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "iterdir", forbidden)
        outcome = shop.run(*arguments)
    assert outcome.code == 4
    assert f"error: {folder}: permission denied" in outcome.stderr


@pytest.mark.parametrize("turn", range(0, 9, 2))
def test_25_a_full_disk_changes_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, turn: int
) -> None:
    before = shop.tree()
    replace_file, calls = os.replace, iter(range(1000))

    def full(source: Path, target: Path) -> None:
        if next(calls) == turn:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace_file(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        outcome = shop.add("redis")
    assert outcome.code == 7
    assert "No space left on device; nothing was changed" in outcome.stderr
    assert shop.tree() == before


def test_28_a_file_that_changes_meanwhile_stops_everything(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from paxx import preflight  # noqa: PLC0415 - patched below

    before = shop.tree()
    saved = before["settings.py"] + b"# saved by an editor\n"

    def save(*_: object, **__: object) -> None:
        (shop / "settings.py").write_bytes(saved)

    monkeypatch.setattr(preflight, "check", save)
    outcome = shop.add("redis")
    assert outcome.code == 4
    assert "settings.py: this file changed while the command ran" in outcome.stderr
    assert shop.tree() == {**before, "settings.py": saved}


@pytest.mark.parametrize("mode", [0o600, 0o755])
def test_62_permissions_stay(shop: Shop, mode: int) -> None:
    for path in EDITED:
        (shop / path).chmod(mode)
    shop.add("redis")
    assert {(shop / path).stat().st_mode & 0o777 for path in EDITED} == {mode}


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_62_a_path_with_spaces_and_umlauts(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    folder = tmp_path / unicodedata.normalize("NFC" if form == "NFC" else "NFD", "Läden & Co")
    options = ("--no-git", "--no-sync", "--yes", "--output-dir", str(folder))
    assert run("bootstrap", "shop", *options).code == 0
    monkeypatch.chdir(folder / "shop")
    commit_all(folder / "shop")
    assert run("infra", "add", "redis", "--no-sync").code == 0
    assert git(folder / "shop", "status", "--porcelain", "wiring.py").startswith(" M")


def test_62_a_long_path(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path.joinpath(*["deep" * 40] * 8)
    options = ("--no-git", "--no-sync", "--yes", "--output-dir", str(folder))
    assert run("bootstrap", "shop", *options).code == 0
    monkeypatch.chdir(folder / "shop")
    assert run("infra", "add", "redis", "--no-sync").code == 0


@pytest.mark.parametrize("name", ["aux", "con", "NUL", "com1"])
def test_63_names_that_windows_reserves_are_refused(run: Run, tmp_path: Path, name: str) -> None:
    outcome = run("bootstrap", name, "--yes", "--output-dir", str(tmp_path))
    assert outcome.code == 2
    assert "reserved file name on Windows" in outcome.stderr


@pytest.mark.parametrize("name", ["..\\shop", "../shop", "C:\\shop"])
def test_63_a_name_is_no_path(run: Run, tmp_path: Path, name: str) -> None:
    outcome = run("bootstrap", name, "--yes", "--output-dir", str(tmp_path))
    assert outcome.code == 2
    assert not any(tmp_path.iterdir())


def test_68_two_components_with_the_same_file(
    shop: Shop, sample_catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del sample_catalog
    for name in ("one", "two"):
        (tmp_path / "catalog" / name / "files/core").mkdir(parents=True)
        manifest = f'name = "{name}"\nversion = "1.0"\nsummary = "Same"\n'
        (tmp_path / "catalog" / name / "component.toml").write_text(manifest)
        (tmp_path / "catalog" / name / "files/core/same.py").write_text(f'"""Of {name}."""\n')
    monkeypatch.setattr(catalog, "FOLDER", tmp_path / "catalog")
    refused(shop, "`core/same.py` exists and is not what `two` would write", 4, "one", "two")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "lines"),
    [
        ("settings.py", "    field_{}: int = {}  # of the user\n"),
        ("wiring.py", "def route_{}() -> int:\n    return {}\n"),
        (".env.example", "VARIABLE_{}='{} and more'\n"),
        ("pyproject.toml", '  "package-{}>={}",\n'),
    ],
)
def test_72_ten_thousand_lines_take_seconds(shop: Shop, path: str, lines: str) -> None:
    block = "".join(lines.format(number, number) for number in range(10_000))
    anchors = {
        "settings.py": "    # Logging\n",
        "wiring.py": "# Entered",
        ".env.example": "# Logging\n",
        "pyproject.toml": '  "alembic',
    }
    replace(shop, path, anchors[path], block + anchors[path])
    started = time.process_time()
    assert shop.add("redis", "--diff").stdout
    assert shop.add("redis").code == 0
    assert time.process_time() - started < 30
    assert b"redis" in (shop / path).read_bytes()


@pytest.mark.slow
def test_72_a_large_compose_file_takes_seconds(shop: Shop) -> None:
    block = "".join(
        f"  job-{number}:\n    image: job:{number}\n    command: [run, '{number}']\n"
        for number in range(1_000)
    )
    replace(shop, "docker-compose.yml", "volumes:\n  db-data", f"{block}\nvolumes:\n  db-data")
    started = time.process_time()
    assert shop.add("redis", "--diff").stdout
    assert "image: redis:7-alpine" in added(shop, "docker-compose.yml")
    assert time.process_time() - started < 60


def test_14_a_wiring_file_without_its_lists(shop: Shop) -> None:
    (shop / "wiring.py").write_text('"""Nothing here."""\n')
    before = (shop / "wiring.py").read_bytes()
    outcome = shop.add("redis")
    assert outcome.code == 5
    assert "# in LIFESPANS\n    core.cache.lifespan," in outcome.stdout
    assert before.splitlines()[0] in (shop / "wiring.py").read_bytes()


def test_14_settings_without_a_class(shop: Shop) -> None:
    (shop / "settings.py").write_text("DEBUG = True\n")
    manual(shop, "settings.py", 'redis_url: str = "redis://localhost:6379/0"')
