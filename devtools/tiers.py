"""The tiers of the test suite: the pytest runs that each consists of, by the marks of tests."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time

from devtools.limits import tier_error

QUICK = "not (integration or slow or e2e or nightly)"
MEASURED = "not (slow or e2e or nightly)"
DEEP = "(slow or e2e) and not nightly"
EVERYTHING = ""
PARALLEL = ["--dist", "loadgroup"]
# Deeper tests wait for servers a quarter of their time: one worker more than there are cores.
WORKERS = str((os.cpu_count() or 1) + 1)

# Tracing every line doubles what a test costs: coverage is measured without the deep ones, which
# repeat the same code.
TIERS: dict[str, list[list[str]]] = {
    "quick": [["-n", "auto", "-m", QUICK, "--hypothesis-profile", "quick"]],
    "change": [["-n", "auto", "-m", MEASURED, "--cov"], ["-n", WORKERS, "-m", DEEP]],
    "nightly": [["-n", WORKERS, "-m", EVERYTHING, "--hypothesis-profile", "nightly"]],
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


def main() -> None:
    """Run a tier and exit with the code of the first run that fails.

    On CI a tier that takes longer than its limit fails as well.
    """
    tier, commands = runs(sys.argv[1:])
    started = time.monotonic()
    for arguments in commands:
        pytest = [sys.executable, "-m", "pytest", *arguments]
        if code := subprocess.run(pytest, check=False).returncode:  # noqa: S603  our own command
            sys.exit(code)
    if tier:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall, cpu = time.monotonic() - started, used.ru_utime + used.ru_stime
        print(f"{tier} tests: {wall:.0f} s, {cpu:.0f} s of CPU")  # noqa: T201
        if os.environ.get("CI") and (error := tier_error(tier, wall, cpu)):
            sys.exit(error)


if __name__ == "__main__":
    main()
