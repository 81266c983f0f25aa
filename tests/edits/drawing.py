"""Draw files with hypothesis, and check what every insertion into them has to keep."""

from collections.abc import Callable, Iterable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from paxx.changes import Already, Edited, Outcome

Edit = Callable[[str], Outcome]

quick = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)

fewer = settings(quick, max_examples=80)  # parsing YAML takes longer

COMMENTS = st.sampled_from(["", "  # a note", "  # é: a, b"])
GAPS = st.sampled_from(["", "", "\n", "{0}# about the next\n", "\n{0}# one\n{0}# two\n"])
NAMES = st.sampled_from(["alpha", "beta", "gamma", "omega", "zeta", "Ünï"])
ENDS = st.sampled_from(["", "\n", "\n\n", "\n# the end\n"])


def edited(edit: Edit, content: str) -> str:
    outcome = edit(content)
    assert isinstance(outcome, Edited), outcome
    return outcome.text


def is_subsequence(parts: Iterable[str], of: Iterable[str]) -> bool:
    rest = iter(of)
    return all(any(part == other for other in rest) for part in parts)


def with_crlf(content: str) -> str:
    return content.replace("\n", "\r\n")


def whole_lines(content: str) -> list[str]:
    """Return the lines that may at most gain the comma that separates an item from ours."""
    lines = [line.replace(",", "") for line in content.splitlines()]
    return [line for line in lines if not set(line) & set("[({")]


def check(content: str, first: Edit, second: Edit) -> str:
    """Check all properties and return the file with both edits."""
    once = edited(first, content)
    assert is_subsequence(content, once)
    assert is_subsequence(whole_lines(content), whole_lines(once))
    assert first(once) == Already()
    both = edited(second, once)
    assert first(both) == second(both) == Already()
    assert edited(first, edited(second, content)) == both
    assert once.endswith("\n") == (content.endswith("\n") or not content)
    if "\n" in content:
        assert edited(first, with_crlf(content)) == with_crlf(once)
    return both


@st.composite
def sequences(draw: st.DrawFn, item: str, indent: str) -> str:
    """Draw the inside of a bracket with one item on each line, or all on one line."""
    items = [item.format(name) for name in draw(st.lists(NAMES, unique=True, max_size=4))]
    if not items:
        return draw(st.sampled_from(["", f"\n{indent}# nothing\n", "\n"]))
    if draw(st.booleans()):
        return ", ".join(items) + draw(st.sampled_from(["", ","] if len(items) > 1 else [""]))
    lines = "\n"
    for index, each in enumerate(items):
        comma = "," if index < len(items) - 1 else draw(st.sampled_from(["", ","]))
        lines += draw(GAPS).format(indent) + indent + each + comma + draw(COMMENTS) + "\n"
    return lines + draw(st.sampled_from(["", f"{indent}# last\n"]))


@st.composite
def entries(draw: st.DrawFn, line: str, indent: str) -> str:
    """Draw whole lines for distinct names with comments and gaps between them."""
    names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=4))
    drawn = ""
    for name in names:
        drawn += draw(GAPS).format(indent) + indent + line.replace("NAME", name)
        drawn += draw(COMMENTS) + "\n"
    return drawn
