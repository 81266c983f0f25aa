"""Workspaces of uv: which project is a member, and what the members share."""

from pathlib import Path

import pytest

from paxx import uv


def workspace(root: Path, members: str, **keys: str) -> Path:
    """Write the `pyproject.toml` of a workspace, and return its folder."""
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    root.mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(f"[tool.uv.workspace]\nmembers = {members}\n{more}")
    return root


@pytest.mark.parametrize(
    ("members", "path", "is_member"),
    [
        ('["apps/*"]', "apps/shop", True),
        ('["./apps/*"]', "apps/shop", True),
        ('["libs", "apps/../apps/s?op/"]', "apps/shop", True),
        ('["**/shop"]', "apps/x/shop", True),
        ('["**"]', "apps/shop", True),
        ('["apps/*"]', "services/shop", False),
        ('["apps/*"]', "apps/x/shop", False),
        ('["*"]', "apps/shop", False),
        ('["apps/shop/*"]', "apps/shop", False),
        ('["", "/apps/*", 3]', "apps/shop", False),
        ('"apps/*"', "apps/shop", False),
    ],
)
def test_a_member_is_one_that_the_globs_match(
    tmp_path: Path, members: str, path: str, *, is_member: bool
) -> None:
    root = workspace(tmp_path, members)
    assert (uv.workspace_of(root / path) == root) is is_member
    expected = "../" * len(Path(path).parts) + "uv.lock" if is_member else "uv.lock"
    assert uv.lock_path(root / path) == expected


def test_an_excluded_project_is_no_member(tmp_path: Path) -> None:
    root = workspace(tmp_path, '["apps/*"]', exclude='["apps/shop"]')
    assert uv.workspace_of(root / "apps/shop") is None
    assert uv.workspace_of(root / "apps/other") == root


def test_a_workspace_of_its_own_goes_before_the_one_above(tmp_path: Path) -> None:
    root = workspace(tmp_path, '["apps/*"]')
    assert uv.workspace_of(workspace(root / "apps/shop", "[]")) is None


@pytest.mark.parametrize("content", ['[project]\nname = "a"\n', "not TOML", "[[" * 5000])
def test_the_nearest_project_above_decides(tmp_path: Path, content: str) -> None:
    root = workspace(tmp_path, '["a/b/*"]')
    (root / "a").mkdir()
    (root / "a/pyproject.toml").write_text(content)
    assert uv.workspace_of(root / "a/b/shop") is None


def test_without_a_project_above_there_is_no_workspace(tmp_path: Path) -> None:
    assert uv.workspace_of(tmp_path / "shop") is None
    assert uv.home_of(tmp_path / "shop") == tmp_path / "shop"


@pytest.mark.parametrize(
    ("required", "python", "is_allowed"),
    [
        ('">=3.12"', "3.11", False),
        ('">=3.12"', "3.12", True),
        ('">=3.12.3"', "3.12", True),
        ('"==3.12"', "3.12", True),
        ('"<3.13"', "3.13", False),
        ('"three"', "3.11", True),
        ("3", "3.11", True),
    ],
)
@pytest.mark.parametrize("member", [".", "apps/other"])
def test_a_python_has_to_fit_every_member(
    tmp_path: Path, member: str, required: str, python: str, *, is_allowed: bool
) -> None:
    root = workspace(tmp_path, '["apps/*"]')
    (root / member).mkdir(parents=True, exist_ok=True)
    with (root / member / "pyproject.toml").open("a") as file:
        file.write(f"[project]\nname = 'x'\nrequires-python = {required}\n")
    assert uv.allows(root, python) is is_allowed


@pytest.mark.parametrize(
    ("members", "exclude"),
    [
        ('["apps/*"]', '["apps/other"]'),
        ('["apps**"]', "[]"),
        ('["../*"]', "[]"),
    ],
)
def test_only_members_have_to_fit(tmp_path: Path, members: str, exclude: str) -> None:
    root = workspace(tmp_path / "root", members, exclude=exclude)
    for folder in (root / "apps/other", tmp_path / "outside"):
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text("[project]\nrequires-python = '==3.9.*'\n")
    assert uv.allows(root, "3.12")


def test_many_asterisks_take_no_time(tmp_path: Path) -> None:
    root = workspace(tmp_path, f'["{"**/a/" * 40}b"]')
    assert uv.workspace_of(root / ("a/" * 40)) is None
