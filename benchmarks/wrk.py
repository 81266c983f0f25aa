"""The load generator wrk, https://github.com/wg/wrk, which the machine has to have."""

import re
import shutil
import subprocess
import sys


def require() -> None:
    """Exit with a hint where there is no wrk."""
    if shutil.which("wrk") is None:
        sys.exit("error: `wrk` is not on PATH\nhint: install it from your distribution")


def rate(url: str, seconds: int, connections: int, *options: str) -> float:
    """Return the requests per second; raises RuntimeError where one of them failed."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *options, url]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if found is None or "Non-2xx" in printed or "Socket errors" in printed:
        raise RuntimeError(printed)
    return float(found[1])
