"""The examples of the components' own documentation pages, and our checks of each component."""

import re
from collections.abc import Callable

import pytest

from paxx import catalog
from tests.e2e.real import RealShop, as_script


def examples_of(component: str) -> list[str]:
    readme = (catalog.load(component).folder / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("component", "number"),
    [(name, number) for name in catalog.names() for number in range(len(examples_of(name)))],
)
def test_an_example_of_a_readme_runs(
    full_shop: RealShop, environment: dict[str, str], component: str, number: int
) -> None:
    script = as_script(examples_of(component)[number])
    assert full_shop.tool("python", "-c", script, env=environment).endswith("ran\n")


KILLED = re.compile(r"(?:\w+: )?(?:acknowledged|broadcast to) .*?(?:found|received) \d+")


@pytest.mark.parametrize("component", catalog.names())
def test_the_checks_of_a_component_pass(
    full_shop: RealShop, component: str, environment: dict[str, str]
) -> None:
    full_shop.check(component, environment, "-m", "not nightly")


@pytest.mark.nightly
@pytest.mark.parametrize("component", catalog.names())
def test_a_component_survives_kills_and_outages(
    full_shop: RealShop,
    component: str,
    environment: dict[str, str],
    record_property: Callable[[str, object], None],
) -> None:
    printed = full_shop.check(component, environment, "-m", "nightly", "-s")
    for line in KILLED.findall(printed):  # what was lost when something was killed: nothing
        record_property("while something was killed", line)
