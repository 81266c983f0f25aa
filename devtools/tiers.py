"""The tiers of the test suite: the pytest runs that each consists of, by the marks of tests."""

from __future__ import annotations

FAST = "not (slow or e2e or nightly)"
DEEP = "(slow or e2e) and not nightly"
EVERYTHING = ""
PARALLEL = ["-n", "auto", "--dist", "loadgroup"]

# Coverage is measured on the fast tests alone: tracing every line doubles what a test costs, and
# the deep ones repeat the same code.
TIERS: dict[str, list[list[str]]] = {
    "quick": [["-m", FAST, "--hypothesis-profile", "quick"]],
    "change": [["-m", FAST, "--cov"], ["-m", DEEP]],
    "nightly": [["-m", EVERYTHING, "--hypothesis-profile", "nightly"]],
}


def runs(words: list[str]) -> tuple[str, list[list[str]]]:
    """Return the name of the tier and pytest's arguments for each of its runs.

    `--quick` and `--nightly` choose a tier; further words are passed on. Words without a tier are
    pytest's own and are a run of no tier, whose name is empty.
    """
    chosen = [name for name in TIERS if f"--{name}" in words]
    if words and not chosen:
        return "", [words]
    [name] = chosen or ["change"]
    more = [word for word in words if word != f"--{name}"]
    return name, [[*PARALLEL, *arguments, *more] for arguments in TIERS[name]]
