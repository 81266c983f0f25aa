"""Find uv, or install it into `.cache/tools` with pip or, where pip is missing too, without it."""

from __future__ import annotations

import hashlib
import html.parser
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from typing import TYPE_CHECKING

from devtools.environment import TOOLS, run, succeeds

if TYPE_CHECKING:
    from pathlib import Path

OWN = TOOLS / "bin" / "uv"
OLDEST = (0, 8)  # knows dependency groups and what `pyproject.toml` says of them
NO_WAY = """error: this Python has neither pip nor ensurepip, and there is no uv on PATH
hint: install one of them, or name your package index in UV_DEFAULT_INDEX"""


def find_uv() -> str | None:
    """Return a uv that is new enough, from PATH or `.cache/tools`."""
    for found in (shutil.which("uv"), shutil.which(OWN)):
        if found and _version(_printed([found, "--version"])) >= OLDEST:
            return found
    return None


def install_uv() -> str:
    """Install uv into `.cache/tools` and return its path."""
    print("installing uv into .cache/tools", file=sys.stderr)  # noqa: T201
    pip = _pip()
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    if pip:
        # With a target of its own, pip leaves an externally managed Python alone.
        run([*pip, "install", "--quiet", "--upgrade", "--target", str(TOOLS), "uv"])
    elif index:
        unpack(*newest_wheel(index), OWN)
    else:
        sys.exit(NO_WAY)
    return str(OWN)


def _pip() -> list[str] | None:
    """Return the command of a pip: this Python's, or one in an environment made for it."""
    own = [sys.executable, "-m", "pip"]
    if succeeds([*own, "--version"]):
        return own
    folder = TOOLS.with_name("pip")
    if succeeds([sys.executable, "-m", "venv", "--clear", str(folder)]):
        return [str(folder / "bin" / "python"), "-m", "pip"]
    return None


def newest_wheel(index: str) -> tuple[str, str]:
    """Return address and SHA-256 of the newest uv that an index has for this machine."""
    page = f"{index.rstrip('/')}/uv/"
    text = _download(page).decode()
    links = _json_links(text) if text.startswith("{") else _html_links(text)
    fitting = [link for link in links if _fits(urllib.parse.unquote(link))]
    if not fitting:
        sys.exit(f"error: {page} has no uv for this machine\nhint: install uv, then run this again")
    newest = max(fitting, key=lambda link: _version(link.rpartition("/uv-")[2]))
    address, _, digest = newest.partition("#sha256=")
    return urllib.parse.urljoin(page, address), digest


def unpack(address: str, digest: str, target: Path) -> None:
    """Download a wheel, refuse it if its hash is another, and write its program to `target`."""
    wheel = _download(address)
    if hashlib.sha256(wheel).hexdigest() != digest:
        sys.exit(f"error: {address} does not have the hash that the index states")
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        member = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(member))
    target.chmod(0o755)


class _Anchors(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and "data-yanked" not in values:
            self.links.append(values.get("href") or "")


def _html_links(text: str) -> list[str]:
    anchors = _Anchors()
    anchors.feed(text)
    return [link for link in anchors.links if "#sha256=" in link]


def _json_links(text: str) -> list[str]:
    files = [file for file in json.loads(text)["files"] if not file.get("yanked")]
    return [f"{file['url']}#sha256={file['hashes'].get('sha256')}" for file in files]


def _fits(link: str) -> bool:
    glibc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    system = "macosx" if sys.platform == "darwin" else glibc
    machine = platform.machine()
    release = r"/uv-\d+\.\d+\.\d+-py3-none-"  # no pre-release
    return bool(re.search(rf"{release}[^/]*{system}[^/]*_{machine}(\.[^/]*)?\.whl#", link))


def _version(text: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", text)
    return tuple(int(number) for number in found.groups()) if found else ()


def _printed(command: list[str]) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout  # noqa: S603


def _download(address: str) -> bytes:
    accept = {"Accept": "application/vnd.pypi.simple.v1+json, */*;q=0.5"}
    request = urllib.request.Request(address, headers=accept)  # noqa: S310  the user's own index
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  as above
            body: bytes = answer.read()
    except OSError as error:
        sys.exit(f"error: {address} cannot be read: {error}\nhint: install uv, then run this again")
    return body
