"""The `paxx` command, also `python -m paxx`."""

import gc
import io
import sys

INTERRUPTED = 130  # as in `paxx.errors`, which may not be there yet


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # before anything was done, or while an interruption was told
        sys.exit(INTERRUPTED)


def _run() -> int:
    gc.set_threshold(100_000)  # most commands end before there is garbage worth looking for
    from paxx.cli import run

    if isinstance(sys.stdout, io.TextIOWrapper):  # a path or a diff may hold what it cannot show
        sys.stdout.reconfigure(errors="backslashreplace")
    return run(sys.argv[1:])


if __name__ == "__main__":
    main()
