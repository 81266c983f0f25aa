"""The tree that stands for many new files."""

from paxx.cli import tree


def test_folders_stand_below_their_own_with_how_many_they_hold() -> None:
    paths = [
        "README.md",
        "db/database.py",
        "db/migrations/env.py",
        "db/migrations/versions/first.py",
        "db/migrations/script.py.mako",
        "a.py",
        "deep/inside/only.py",
        ".paxx/base/x/y",
        ".paxx/components/x.json",
        "db/later.py",
        "db_of_another/x.py",
    ]
    assert list(tree.lines(paths)) == [
        "  create  README.md",
        "  create  db/ (2 files)",
        "  create    migrations/ (2 files)",
        "  create      versions/ (1 file)",
        "  create  a.py",
        "  create  deep/inside/ (1 file)",
        "  create  .paxx/ (2 files)",
        "  create  db_of_another/ (1 file)",
    ]
