"""uv from a package index without pip, against a real index on a socket."""

import hashlib
import io
import json
import platform
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devtools import uv

MACHINE = platform.machine()
FITS = "macosx_11_0" if sys.platform == "darwin" else "manylinux_2_17"
if sys.platform == "linux" and platform.libc_ver()[0] != "glibc":
    FITS = "musllinux_1_1"


@dataclass
class Index:
    """A package index with wheels of uv, each of which prints its version."""

    url: str = ""
    content_type: str = "application/vnd.pypi.simple.v1+json"
    yanked: set[str] = field(default_factory=set)
    wheels: dict[str, bytes] = field(default_factory=dict)
    wrong_hash: bool = False

    def add(self, version: str, tag: str = f"{FITS}_{MACHINE}") -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            script = f"#!/bin/sh\necho uv {version}\n"
            archive.writestr(f"uv-{version}.data/scripts/uv", script)
        self.wheels[f"uv-{version}-py3-none-{tag}.whl"] = content.getvalue()

    def digest(self, name: str) -> str:
        return hashlib.sha256(b"other" if self.wrong_hash else self.wheels[name]).hexdigest()

    def page(self) -> str:
        if self.content_type == "text/html":
            yanked = {
                name: ' data-yanked=""' if name in self.yanked else "" for name in self.wheels
            }
            return "".join(
                f'<a href="../../files/{name}#sha256={self.digest(name)}"{yanked[name]}>{name}</a>'
                for name in self.wheels
            )
        files = [
            {
                "url": f"../../files/{name}",
                "hashes": {"sha256": self.digest(name)},
                "yanked": name in self.yanked,
            }
            for name in self.wheels
        ]
        return json.dumps({"files": files})


@pytest.fixture(params=["application/vnd.pypi.simple.v1+json", "text/html"])
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    content = Index(content_type=request.param)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pages = {"/simple/uv/": content.page().encode()}
            pages |= {f"/files/{name}": wheel for name, wheel in content.wheels.items()}
            body = pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        content.url = f"http://127.0.0.1:{server.server_address[1]}/simple/"
        yield content
        server.shutdown()


def test_the_newest_wheel_for_this_machine_is_taken(index: Index, tmp_path: Path) -> None:
    index.add("0.9.30")
    index.add("0.12.1")
    index.add("0.13.0", "win_amd64")
    index.add("0.14.0rc1")
    address, digest = uv.newest_wheel(index.url)
    assert "/files/uv-0.12.1-" in address
    uv.unpack(address, digest, tmp_path / "bin" / "uv")
    assert (tmp_path / "bin" / "uv").read_text() == "#!/bin/sh\necho uv 0.12.1\n"
    assert (tmp_path / "bin" / "uv").stat().st_mode & 0o111


def test_a_withdrawn_wheel_is_not_taken(index: Index) -> None:
    index.add("0.12.0")
    index.add("0.12.1")
    index.yanked = {name for name in index.wheels if "0.12.1" in name}
    assert "/uv-0.12.0-" in uv.newest_wheel(index.url)[0]


def test_a_wheel_with_another_hash_is_refused(index: Index, tmp_path: Path) -> None:
    index.add("0.12.1")
    index.wrong_hash = True
    with pytest.raises(SystemExit, match="does not have the hash that the index states"):
        uv.unpack(*uv.newest_wheel(index.url), tmp_path / "uv")
    assert not (tmp_path / "uv").exists()


def test_an_index_without_a_fitting_wheel_is_named(index: Index) -> None:
    index.add("0.12.1", "win_amd64")
    with pytest.raises(SystemExit, match=r"/simple/uv/ has no uv for this machine\nhint: "):
        uv.newest_wheel(index.url)


def test_an_unreachable_index_is_named() -> None:
    with pytest.raises(SystemExit, match=r"http://127\.0\.0\.1:1/uv/ cannot be read: .*refused"):
        uv.newest_wheel("http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("printed", "found"), [("uv 0.12.1", True), ("uv 0.7.22", False), ("", False)]
)
def test_only_a_uv_that_reads_the_lock_file_is_found(
    *, printed: str, found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\necho {printed}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(uv, "OWN", tmp_path / "none")
    assert uv.find_uv() == (str(program) if found else None)


def test_without_any_way_to_install_it_says_what_would_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(uv, "_pip", lambda: None)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    with pytest.raises(SystemExit, match="name your package index in UV_DEFAULT_INDEX"):
        uv.install_uv()


def test_a_pip_of_its_own_is_made_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(uv, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(uv, "succeeds", lambda command: "venv" in command)
    assert uv._pip() == [str(tmp_path / "pip" / "bin" / "python"), "-m", "pip"]
    monkeypatch.setattr(uv, "succeeds", lambda _: False)
    assert uv._pip() is None
