"""What holds for every component, whichever comes next."""

import ast
import re
from pathlib import Path

import pytest
from packaging.version import Version

from paxx import catalog, manifest
from paxx.catalog import Component
from paxx.expand import fragments
from tests.harness import Shop

SHARED = ("wiring.py", "settings.py", ".env.example", "docker-compose.yml", "pyproject.toml")
HEADINGS = ["What you get", "Usage", "Settings", "In production", "Leaving"]


@pytest.fixture(params=catalog.names())
def component(request: pytest.FixtureRequest) -> Component:
    return catalog.load(request.param)


def readme_of(component: Component) -> str:
    return (component.folder / "README.md").read_text(encoding="utf-8")


def test_the_folder_holds_data_alone(component: Component) -> None:
    expected = {"component.toml", "README.md", "files", "checks", "compose.yaml"}
    found = {path.name for path in component.folder.iterdir()}
    assert found <= expected
    assert found >= expected - {"compose.yaml"}


def test_the_readme_has_the_fixed_headings(component: Component) -> None:
    assert re.findall(r"^## (.+)$", readme_of(component), re.MULTILINE) == HEADINGS


def test_the_table_of_settings_is_what_the_manifest_says(component: Component) -> None:
    section = readme_of(component).partition("## Settings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| `?([^|]*?)`? \| ", section, re.MULTILINE)
    expected = [(setting.name.upper(), _shown(setting)) for setting in component.manifest.settings]
    assert rows == expected


def _shown(setting: manifest.Setting) -> str:
    if isinstance(setting.default, bool):
        return str(setting.default).lower()
    # In the README a template shows as it looks in a project called shop.
    text = str(setting.default)
    return re.sub(r"\{\{ project\.(name|slug) \}\}", "shop", text)


def test_the_changelog_tells_of_each_version_the_newest_first(component: Component) -> None:
    versions = list(component.manifest.changelog)
    assert versions[:1] == [component.manifest.version]
    assert versions == sorted(versions, key=Version, reverse=True)
    assert all(component.manifest.changelog.values())


def test_its_usage_is_a_few_lines_of_python_with_names_that_exist(component: Component) -> None:
    usage = component.manifest.usage
    assert 2 <= len(usage.splitlines()) <= 4
    assert all(len(line) <= 96 for line in usage.splitlines())
    names = {
        f"{node.module}.{alias.name}": (node.module or "").replace(".", "/") + ".py"
        for node in ast.walk(ast.parse(usage))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert names
    for name, path in names.items():
        source = (component.folder / "files" / path).read_text(encoding="utf-8")
        assert re.search(rf"\b{name.rpartition('.')[2]}\b", source), name


def test_its_links_are_addresses(component: Component) -> None:
    assert component.manifest.links
    assert all(url.startswith("https://") for url in component.manifest.links.values())


def test_what_it_requires_exists(component: Component) -> None:
    assert set(component.manifest.requires) <= set(catalog.names())


HOST = {
    "core.errors.AppError",
    "core.lifespan.combine",
    "core.logging",
    "db.database.Base",
    "db.database.engine",
    "settings.settings",
    "wiring.LIFESPANS",
}
"""What modules of components may import of a project; each is in projects of every age."""


def test_its_modules_import_nothing_else_of_their_host(component: Component) -> None:
    assert imported_of_the_host(component.folder / "files") <= HOST


def imported_of_the_host(files: Path) -> set[str]:
    found = set()
    for path in files.glob("core/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    roots = ("core.", "db.", "features.", "main", "settings", "tests", "wiring")
    brought = tuple(
        ".".join(each.relative_to(files).with_suffix("").parts) for each in files.glob("core/**/*")
    )
    return {name for name in found if name.startswith(roots) and not name.startswith(brought)}


def test_its_edits_are_exactly_the_expected_ones(shop: Shop, component: Component) -> None:
    """Compare with `checks/expected.diff`; delete that file to have it written anew."""
    outcome = shop.add(component.name, "--yes", "--json", "--dry-run")
    diffs = [each["diff"] for each in outcome.json["changes"] if each["path"] in SHARED]
    golden = component.folder / "checks" / "expected.diff"
    if not golden.exists():
        golden.write_text("".join(diffs), encoding="utf-8")
        pytest.fail(f"wrote {golden.name}; read it as a user would, then run this again")
    assert "".join(diffs) == golden.read_text(encoding="utf-8")


def test_a_second_add_is_a_no_op(shop: Shop, component: Component) -> None:
    assert shop.add(component.name, "--yes").code == 0
    before = shop.tree()
    assert shop.add(component.name, "--yes").code == 0
    assert shop.tree() == before


def test_components_that_share_a_service_write_it_alike_and_no_two_others_a_port() -> None:
    services: dict[str, str] = {}
    for each in catalog.load_all():
        for name, block in fragments.read(each.fragment).services.items():
            assert services.setdefault(name, block) == block
    ports = [port for block in services.values() for port in fragments.ports(block)]
    assert len(ports) == len({number for number, _ in ports}) == len({name for _, name in ports})


def test_no_two_components_bring_the_same_file() -> None:
    paths = [path for each in catalog.load_all() for path, _ in each.payload()]
    assert len(paths) == len(set(paths))


def test_the_wheel_takes_data_and_leaves_checks() -> None:
    pyproject = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert 'exclude = ["src/paxx/components/*/checks"]' in pyproject
