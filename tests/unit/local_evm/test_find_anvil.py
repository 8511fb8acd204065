"""Which anvil is used, and which socket paths it may take."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hoploop.errors import LocalError
from hoploop.local.artifacts import PackageCache
from hoploop.local.evm.anvil import claim_socket
from hoploop.local.evm.packages import PackageTable, find_anvil


def _no_cache(tmp_path: Path) -> PackageCache:
    return PackageCache(tmp_path / "cache", lambda _: None)


def _anvil_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> Path:
    program = folder / "anvil"
    program.write_text(f"#!/bin/sh\necho 'anvil Version: {version}-v{version}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return program


def test_an_installed_anvil_of_the_pinned_major_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _anvil_on_path(tmp_path, monkeypatch, "1.5.0")
    assert find_anvil(_no_cache(tmp_path), PackageTable.load()) == program


def test_an_installed_anvil_of_another_major_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _anvil_on_path(tmp_path, monkeypatch, "0.2.0")
    with pytest.raises(LocalError) as caught:
        find_anvil(_no_cache(tmp_path), PackageTable.load())
    assert caught.value.code in {"X101", "X105"}  # by platform: pinned but no npm here, or not pinned


def test_a_platform_without_a_pinned_binary_gets_the_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("platform.machine", lambda: "vax")
    with pytest.raises(LocalError, match="vax") as caught:
        find_anvil(_no_cache(tmp_path), PackageTable.load())
    assert caught.value.code == "X105"
    assert "PATH" in caught.value.hint


def test_a_live_socket_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        with pytest.raises(LocalError) as caught:
            claim_socket(path)
    assert caught.value.code == "X110"
    assert path.exists()


def test_a_stale_socket_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    claim_socket(path)
    assert not path.exists()


def test_a_file_that_is_no_socket_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(LocalError) as caught:
        claim_socket(path)
    assert caught.value.code == "X110"
    assert path.read_text() == "precious"


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught:
        claim_socket(tmp_path / ("s" * 120))
    assert caught.value.code == "X112"
