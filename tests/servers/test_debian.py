"""Programs that come from Debian's packages."""

import os
import shutil

import pytest

from servers import ServerError, debian


def test_a_program_that_is_there_is_used() -> None:
    assert debian.program("sh") == shutil.which("sh")


def test_who_may_not_install_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(ServerError, match="`no-such-program` is not installed"):
        debian.program("no-such-program")


def test_a_program_that_no_package_has_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: "/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(debian, "install", lambda _: None)
    with pytest.raises(ServerError, match="has no program of that name"):
        debian.program("no-such-program")
