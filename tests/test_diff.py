"""The unified diff: for reading, and the same that other tools show."""

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paxx.changes import FileChange, Plan
from paxx.diff import of_change, render
from tests.harness import Shop

LINES = st.lists(st.sampled_from(["a", "b", "c", "d", ""]), max_size=40)


def shown(before: bytes | None, after: bytes | None, path: str = "notes.txt") -> list[str]:
    return list(of_change(FileChange(path, before, after)))


@given(before=LINES, after=LINES)
def test_it_is_what_the_standard_library_shows(before: list[str], after: list[str]) -> None:
    old, new = ([f"{line}\n" for line in lines] for lines in (before, after))
    expected = difflib.unified_diff(old, new, "a/notes.txt", "b/notes.txt")
    assert shown("".join(old).encode(), "".join(new).encode()) == list(expected)


def test_files_that_come_and_go_are_told() -> None:
    assert shown(None, b"a\n") == [
        "--- /dev/null\n",
        "+++ b/notes.txt\n",
        "@@ -0,0 +1 @@\n",
        "+a\n",
    ]
    assert shown(b"a\n", None)[:2] == ["--- a/notes.txt\n", "+++ /dev/null\n"]
    assert shown(b"a\n", b"a\n") == []
    assert shown(None, b"") == []


def test_a_missing_newline_at_the_end_is_told() -> None:
    assert shown(b"a", b"a\nb")[3:] == [
        "-a\n",
        "\\ No newline at end of file\n",
        "+a\n",
        "+b\n",
        "\\ No newline at end of file\n",
    ]


def test_a_file_with_windows_line_endings_looks_like_any_other() -> None:
    assert shown(b"a\r\nb\r\n", b"a\r\nnew\r\nb\r\n") == shown(b"a\nb\n", b"a\nnew\nb\n")
    assert shown(b"a\r\nb", b"a\r\nnew\r\nb") == shown(b"a\nb", b"a\nnew\nb")


def test_line_endings_that_change_are_marked() -> None:
    assert shown(b"a\r\nb\n", b"a\nb\n")[3:] == ["-a^M\n", "+a\n", " b\n"]


def test_line_endings_far_from_a_change_do_not_matter() -> None:
    far = b"x\n" * 10
    assert shown(b"a\r\n" + far, b"a\r\n" + far + b"b\n")[-1] == "+b\n"
    assert "^M" not in "".join(shown(b"a\r\n" + far, b"a\r\n" + far + b"b\n"))


def test_adding_to_a_project_with_windows_line_endings_shows_no_marks(shop: Shop) -> None:
    plain = shop.add("redis", "--diff").stdout
    for path in ("settings.py", ".env.example", "docker-compose.yml", "wiring.py"):
        (shop / path).write_bytes((shop / path).read_bytes().replace(b"\n", b"\r\n"))
    assert shop.add("redis", "--diff").stdout == plain


@pytest.mark.parametrize("content", [b"caf\xe9\n", b"a\x0cb\x1cc\n", b"a\rb\n"])
def test_any_bytes_can_be_shown(content: bytes) -> None:
    assert len(shown(None, content)) == 4


def test_a_plan_is_shown_in_its_order() -> None:
    changes = tuple(FileChange(path, None, b"a\n") for path in ("b", "a"))
    lines = list(render(Plan(Path(), (), changes, ())))
    assert [line for line in lines if line.startswith("+++")] == ["+++ b/b\n", "+++ b/a\n"]


def test_a_new_file_is_shown_as_it_is_but_for_secrets_of_the_project() -> None:
    change = FileChange("core/x.py", None, b'API_KEY = "public"\nTOKEN = "hunter2hunter2"\n')
    lines = list(of_change(change, {"hunter2hunter2"}))
    assert lines[-2:] == ['+API_KEY = "public"\n', '+TOKEN = "***"\n']


def test_a_record_never_shows_lines_of_the_user_with_secrets() -> None:
    record = b'{"restored": "A_TOKEN=abc"}\n'
    change = FileChange(".paxx/components/redis.json", None, record)
    assert list(of_change(change))[-1] == '+{"restored": "A_TOKEN=***"}\n'


def test_without_secrets_the_diff_can_be_applied(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "plan.diff").write_text(shop.add("storage", "--full-diff").stdout)
    before = shop.tree()
    shop.add("storage")
    after = shop.tree()
    shop.restore(before)
    subprocess.run(["git", "apply", "--unsafe-paths", str(tmp_path / "plan.diff")], check=True)
    assert shop.tree() == after


def test_records_are_shown_on_request_alone(shop: Shop) -> None:
    assert ".paxx" not in shop.add("redis", "--diff").stdout
    assert "+++ b/.paxx/components/redis.json\n" in shop.add("redis", "--full-diff").stdout
    assert "redis" not in shop.installed()


def test_a_diff_of_records_alone_says_so(shop: Shop) -> None:
    shop.add("redis")
    (shop / "docker-compose.yml").rename(shop / "compose.yml")
    outcome = shop.add("redis", "--diff")
    assert outcome.stdout == ""
    assert outcome.stderr == ("only records in `.paxx/` would change; `--full-diff` shows them\n")
