"""What `paxx doctor` found, for people or as one JSON document."""

import textwrap
from collections.abc import Iterator

from paxx.cli import document, streams
from paxx.cli.width import columns
from paxx.doctor.findings import Diagnosis, Finding, Level
from paxx.errors import ExitCode

_NARROW = 60
_COLOURS = {Level.OK: "green", Level.INFO: "cyan", Level.PROBLEM: "red"}
_LEVEL = max(map(len, Level))


def show(diagnosis: Diagnosis, *, as_json: bool) -> int:
    """Show what was found, and return the exit code."""
    code = ExitCode.DONE if diagnosis.is_healthy else ExitCode.PRECONDITION
    if as_json:
        streams.write(document.of_diagnosis(diagnosis, code))
    else:
        for line in _lines(diagnosis):
            streams.write(line)
    return code


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    width = columns()
    subject = max(len(finding.subject) for finding in diagnosis.findings)
    for finding in diagnosis.findings:
        yield from _of_finding(finding, subject, width)
    problems = sum(finding.level is Level.PROBLEM for finding in diagnosis.findings)
    counted = "1 problem" if problems == 1 else f"{problems or 'no'} problems"
    yield f"{counted} in `{diagnosis.root}`"


def _of_finding(finding: Finding, subject: int, width: int) -> Iterator[str]:
    took = "" if finding.milliseconds is None else f" ({finding.milliseconds:.0f} ms)"
    indent = " " * 4
    if width >= _NARROW + subject:
        indent = " " * (_LEVEL + subject + 4)
    heading = f"{'':{_LEVEL}}  {finding.subject.ljust(subject)}  "
    first, *more = _wrapped(f"{heading}{finding.message}{took}", width, indent)
    level = finding.level.ljust(_LEVEL)
    yield streams.styled(level, first[_LEVEL:], fg=_COLOURS[finding.level])
    yield from more
    if finding.hint:
        yield from _wrapped(f"{indent}hint: {finding.hint}", width, indent)


def _wrapped(line: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
