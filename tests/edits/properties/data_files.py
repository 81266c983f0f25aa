"""TOML, dotenv and plain text files that hypothesis writes, and edits of them."""

import tomllib

import pytest
from hypothesis import strategies as st

from tests.edits.properties.drawing import ENDS, Pair, entries, reversible, sequences

RUNTIME: Pair = (
    reversible("toml.add_dependency", requirement="redis>=5.0"),
    reversible("toml.add_dependency", requirement="Arq[watch]>=0.26"),
)
GROUP: Pair = (
    reversible("toml.add_dependency", requirement="redis>=5.0", group="dev"),
    reversible("toml.add_dependency", requirement="arq", group="dev"),
)
VARIABLES: Pair = (
    reversible(
        "env.add_variables",
        comment="Redis",
        variables=[("REDIS_URL", "redis://x", "where"), ("REDIS_PREFIX", "it's", "")],
        before=["zeta_KEY"],
    ),
    reversible(
        "env.add_variables",
        comment="Metrics",
        variables=[("METRICS", "true", "")],
        before=["REDIS_URL", "REDIS_PREFIX", "zeta_KEY"],
    ),
)
LINES: Pair = (
    reversible("text.add_line", line=".x", before=[".y", "!e"]),
    reversible("text.add_line", line=".y", before=["!e"]),
)


@st.composite
def pyprojects(draw: st.DrawFn) -> str:
    inside = draw(sequences('"{0}>=1"', draw(st.sampled_from(["  ", "    ", "\t"]))))
    inside = inside.replace("Ünï", "uni")
    tail = draw(st.sampled_from(["", "\n\n[tool.x]\na = [1]"]))
    return f'[project]\nname = "shop"\ndependencies = [{inside}]{tail}' + draw(ENDS)


@st.composite
def groups(draw: st.DrawFn) -> str:
    inside = draw(sequences('"{0}>=1"', draw(st.sampled_from(["  ", "    "]))))
    inside = inside.replace("Ünï", "uni")
    other = draw(st.sampled_from(["", "docs = []\n", "# of theirs\ndocs = [\n  'x',\n]\n"]))
    head = '[project]\nname = "shop"\n\n[dependency-groups]\n'
    return f"{head}{other}dev = [{inside}]" + draw(ENDS)


@st.composite
def dotenv_files(draw: st.DrawFn) -> str:
    lines = draw(st.one_of(st.just(""), entries("NAME_KEY=1", "")))
    return (lines.rstrip("\n") + draw(ENDS)).replace("Ünï", "uni")


@st.composite
def text_files(draw: st.DrawFn) -> str:
    line: st.SearchStrategy[str] = st.sampled_from(["a", "b/", "# c", "", "  d  ", "!e"])
    lines = draw(st.lists(line, max_size=8))
    return "\n".join(lines) + ("\n" if draw(st.booleans()) and lines else "")


EDITS = [
    pytest.param(pyprojects(), RUNTIME, tomllib.loads, id="dependencies"),
    pytest.param(pyprojects(), GROUP, tomllib.loads, id="dependencies-of-a-new-group"),
    pytest.param(groups(), GROUP, tomllib.loads, id="dependencies-of-a-group"),
    pytest.param(dotenv_files(), VARIABLES, str, id="variables"),
    pytest.param(text_files(), LINES, str, id="lines"),
]
"""Files, two edits of them, and what parses them."""
