"""`paxx infra show`: what a component adds, how it is used and run."""

from pathlib import Path

import pytest

from paxx import catalog
from paxx.cli import markdown
from tests.harness import Run, Shop


@pytest.mark.parametrize("name", catalog.names())
def test_the_page_of_a_component_has_all_sections(shop: Shop, name: str) -> None:
    outcome = shop.run("infra", "show", name)
    assert outcome.code == 0
    headings = [line for line in outcome.stdout.splitlines() if line.isupper()]
    expected = ["ADDS", "SETTINGS", "USAGE", "IN PRODUCTION", "LINKS"]
    if not catalog.load(name).manifest.settings:
        expected.remove("SETTINGS")
    assert [line for line in headings if line in {"SETTINGS", *expected}] == expected
    assert outcome.stdout.startswith(f"{name} (available)\n")


@pytest.mark.parametrize("name", catalog.names())
def test_the_document_of_a_component_holds_its_data(shop: Shop, name: str) -> None:
    component = shop.run("infra", "show", name, "--json").json["component"]
    manifest = catalog.load(name).manifest
    assert component["usage"] == manifest.usage
    assert component["documentation"].startswith(f"# {name}\n")
    assert {each["url"] for each in component["links"]} == set(manifest.links.values())
    module = {"postgis": "geo", "redis": "cache", "websocket": "ws"}.get(name, name)
    assert f"core/{module}.py" in component["files"]


def test_settings_are_those_of_the_project(shop: Shop) -> None:
    settings = shop / "settings.py"
    text = settings.read_text()
    assert "SettingsConfigDict(" in text
    settings.write_text(
        text.replace("SettingsConfigDict(", 'SettingsConfigDict(env_prefix="MY_", ')
    )
    assert shop.add("redis").code == 0
    component = shop.run("infra", "show", "redis", "--json").json["component"]
    assert (component["state"], component["version"]) == ("installed", "1.2")
    assert component["settings"][1] == {
        "name": "MY_REDIS_KEY_PREFIX",
        "default": "shop:",
        "description": "Put in front of every key of the cache functions",
    }
    assert shop.run("infra", "show", "redis").stdout.startswith("redis (installed 1.2)\n")


def test_files_that_do_not_parse_are_no_obstacle(shop: Shop) -> None:
    (shop / "settings.py").write_text("class Settings(:\n")
    (shop / "docker-compose.yml").write_text("services: [\n")
    component = shop.run("infra", "show", "redis", "--json").json["component"]
    assert component["settings"][0]["name"] == "REDIS_URL"


def test_outside_a_project_everything_is_available(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    component = run("infra", "show", "redis", "--json").json["component"]
    assert (component["state"], component["settings"][1]["default"]) == ("available", "shop:")


def test_an_unknown_component_is_refused_in_every_form(shop: Shop) -> None:
    outcome = shop.run("infra", "show", "redsi")
    assert (outcome.code, "did you mean `redis`?" in outcome.stderr) == (2, True)
    assert shop.run("infra", "show", "redsi", "--json").json["component"] is None


@pytest.mark.usefixtures("sample_catalog")
def test_a_component_without_documentation_is_shown_by_its_data(shop: Shop) -> None:
    outcome = shop.run("infra", "show", "queue")
    assert "requires" in outcome.stdout
    assert "USAGE" not in outcome.stdout


def test_adding_a_component_ends_with_the_code_that_uses_it_and_a_summary(shop: Shop) -> None:
    outcome = shop.add("redis", "metrics")
    assert outcome.stdout.endswith(
        "\nuse `redis`; `paxx infra show redis` shows more:\n"
        + "".join(f"    {line}\n" for line in catalog.load("redis").manifest.usage.splitlines())
        + "\ndone: 5 files edited, 17 files created\n"
    )
    assert "use `metrics`; " in outcome.stdout
    assert "use `redis`" not in shop.add("redis").stdout
    assert "use `arq`" not in shop.add("arq", "--dry-run").stdout


def test_markdown_is_laid_out_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    page = """\
# Title
A paragraph that is **longer** than the line is wide.

- an item that goes on behind its own dash
  - [a link](https://example.org), <https://example.com>
| one | two |
|--|--|
| a | a cell that is longer than the line is wide |

```python
x = "code stays as it is, however long a line of it may be"

y = 1
```
"""
    assert list(markdown.lines(page)) == [
        "\x1b[1mTitle\x1b[0m",
        "A paragraph that is longer than the line",
        "is wide.",
        "",
        "- an item that goes on behind its own",
        "  dash",
        "  - a link (https://example.org),",
        "    https://example.com",
        "one  two",
        "a    a cell that is longer than the line",
        "     is wide",
        "",
        '    x = "code stays as it is, however long a line of it may be"',
        "",
        "    y = 1",
        "",
    ]
