"""`paxx db` where branches begin or end: what is meant is done, or what could be is named."""

import pytest

from tests.e2e.migrated import NOTES, Site


def branch(site: Site) -> None:
    """Write two revisions that follow the same one."""
    site.revision("left")
    site.revision("right")


def merge(site: Site) -> None:
    """Write the revision `join` that follows both."""
    path = site.revision("join", "both")
    path.write_text(path.read_text().replace("'both'", "('left', 'right')"))


def applied(site: Site) -> list[str]:
    """Return the revisions that the database is at, in the order of their names."""
    return sorted(str(name) for (name,) in site.query("SELECT version_num FROM alembic_version"))


def test_a_merge_alone_is_taken_back(site: Site) -> None:
    branch(site)
    merge(site)
    site.revision("after", "join")
    site.done("upgrade")
    shown = site.done("downgrade", "-2", "--sql").stdout
    assert "DELETE FROM alembic_version" in shown or "UPDATE alembic_version" in shown
    assert "took back after after\ntook back join join\n" in site.done("downgrade", "-2").stdout
    assert applied(site) == ["left", "right"]
    assert site.done("upgrade").stdout.startswith("applied join join\napplied after after\n")
    site.done("downgrade")
    assert site.done("downgrade").stdout.startswith("took back join join\n`")
    assert applied(site) == ["left", "right"]
    site.done("upgrade", "join")
    assert site.done("downgrade", "join@-1").stdout.startswith("took back join join\n`")


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_merge_of_a_revision_and_what_follows_it_is_taken_back_alone(site: Site) -> None:
    site.revision("left")
    site.revision("right", "left")
    merge(site)
    site.done("upgrade")
    assert site.done("downgrade").stdout.startswith("took back join join\n`")
    assert "right" in applied(site)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_steps_below_a_merge_are_refused_with_the_ways_on(site: Site) -> None:
    branch(site)
    merge(site)
    site.done("upgrade")
    for target, before in (("-2", "-1"), ("join@-3", "join@-1")):
        refused = site.db("downgrade", target)
        assert (refused.code, refused.stderr) == (
            2,
            f"error: `{target}` is ambiguous: it leads below `join`, which joins `left`, `right`\n"
            f"hint: `paxx db downgrade {before}` goes as far as that, then"
            " `paxx db downgrade left@-1` or `paxx db downgrade right@-1`\n",
        )
    assert applied(site) == ["join"]
    site.done("downgrade", "-1")
    site.done("downgrade", "right@-1")
    assert applied(site) == ["left"]


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_the_last_of_two_heads_is_not_guessed(site: Site) -> None:
    branch(site)
    site.done("upgrade", "heads")
    for command in (("downgrade",), ("downgrade", "-1"), ("downgrade", "--sql")):
        refused = site.db(*command)
        assert (refused.code, refused.stderr) == (
            2,
            "error: `-1` is ambiguous: the database is at `left`, `right`\n"
            "hint: `paxx db downgrade left@-1` or `paxx db downgrade right@-1` takes back one\n",
        )
    assert applied(site) == ["left", "right"]
    done = site.done("downgrade", "left@-1")
    assert done.stdout == "took back left left\n`shop.db` is at `right`\n"
    assert done.stderr == ""


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_steps_up_to_two_heads_are_answered_as_all_of_them_are(site: Site) -> None:
    branch(site)
    site.done("upgrade", "+1")
    for target in ("head", "+1", "+2"):
        refused = site.db("upgrade", target)
        assert refused.code == 4
        assert refused.stderr == (
            "error: there are 2 heads: `left`, `right`\nhint: `paxx db merge` joins them\n"
        )
    site.done("upgrade", "heads")
    assert site.db("upgrade", "+1").code == 4


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_steps_through_branches_that_are_merged_are_ambiguous(site: Site) -> None:
    branch(site)
    merge(site)
    site.done("upgrade", "+1")
    for command in (("upgrade", "+1"), ("upgrade", "join-1")):
        refused = site.db(*command)
        assert (refused.code, refused.stderr) == (
            2,
            f"error: `{command[1]}` is ambiguous, as branches begin or end there\n"
            "hint: `paxx db history` lists the revisions; give the id of one\n",
        )
    assert applied(site) == [NOTES]
    site.done("upgrade", "left")
    assert site.done("upgrade").stdout.endswith(" is at `join`\n")


def test_sql_of_a_range_the_wrong_way_round_is_refused(site: Site) -> None:
    site.revision("second")
    for up, down in (("base:head", "head:base"), (f"{NOTES}:second", f"second:{NOTES}")):
        start, _, end = up.partition(":")
        refused = site.db("downgrade", "--sql", up)
        assert (refused.code, refused.stdout, refused.stderr) == (
            2,
            "",
            f"error: `{up}` goes up: `{end}` comes after `{start}`\n"
            f"hint: `paxx db upgrade {up} --sql`, or `paxx db downgrade {down} --sql`\n",
        )
        refused = site.db("upgrade", "--sql", down)
        assert (refused.code, refused.stdout, refused.stderr) == (
            2,
            "",
            f"error: `{down}` goes down: `{start}` comes before `{end}`\n"
            f"hint: `paxx db downgrade {down} --sql`, or `paxx db upgrade {up} --sql`\n",
        )
        assert site.done("upgrade", "--sql", up).stdout
        assert site.done("downgrade", "--sql", down).stdout
    for nothing in ("base:base", "head:head"):
        for command in ("upgrade", "downgrade"):
            assert site.done(command, "--sql", nothing, "--json").json["status"] == "unchanged"
    assert site.db("upgrade", "--sql", "base:nowhere").code == 2


@pytest.mark.nightly
@pytest.mark.parametrize("dialect", ["sqlite"])
def test_sql_from_several_heads_begins_at_all_of_them(site: Site) -> None:
    branch(site)
    document = site.done("downgrade", "--sql", "heads:base", "--json").json
    assert sorted(document["before"]) == ["left", "right"]
    assert len(document["revisions"]) == 3
