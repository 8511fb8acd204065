"""The package cache: pinned, checked, extracted without trust, and silent once filled."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hoploop.errors import LocalError
from hoploop.local.artifacts import Package, PackageCache, cache_root, repo_root

COPY = shutil.which("cp")
MakeNpm = Callable[[bytes], Package]


def _archive(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _member(name: str, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    return info, content


def _integrity(content: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()


def _package(content: bytes) -> Package:
    return Package(name="@some/thing", version="1.0.0", integrity=_integrity(content), files=("a/b.json",))


def _program(folder: Path, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeNpm:
    """An npm on PATH that `packs` the given archive."""

    def make(content: bytes) -> Package:
        (tmp_path / "served").write_bytes(content)
        _program(tmp_path / "bin", f'exec {COPY} {tmp_path}/served "$5/thing-1.0.0.tgz"')
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        return _package(content)

    return make


def _code_of(cache: PackageCache, package: Package) -> str:
    with pytest.raises(LocalError) as caught:
        cache.ensure([package])
    return caught.value.code


def test_a_package_is_fetched_once_and_then_needs_no_npm(
    tmp_path: Path, npm: MakeNpm, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    cache = PackageCache(tmp_path / "cache", said.append)
    package = npm(_archive(_member("package/a/b.json", b"{}"), _member("package/other", b"x")))
    cache.ensure([package])
    monkeypatch.setenv("PATH", "")
    cache.ensure([package])
    assert cache.path(package, "a/b.json").read_bytes() == b"{}"
    assert not cache.path(package, "other").exists()
    assert said == ["fetching @some/thing 1.0.0 (1/1)"]


def test_a_download_with_another_hash_is_refused(tmp_path: Path, npm: MakeNpm) -> None:
    npm(_archive(_member("package/a/b.json", b"evil")))
    cache = PackageCache(tmp_path / "cache", lambda _: None)
    pinned = _package(_archive(_member("package/a/b.json", b"good")))
    assert _code_of(cache, pinned) == "X103"
    assert not cache.path(pinned, "a/b.json").exists()


def test_a_cached_copy_of_another_pin_is_fetched_again(tmp_path: Path, npm: MakeNpm) -> None:
    cache = PackageCache(tmp_path / "cache", lambda _: None)
    cache.ensure([npm(_archive(_member("package/a/b.json", b"1")))])
    newer = npm(_archive(_member("package/a/b.json", b"2")))
    cache.ensure([newer])
    assert cache.path(newer, "a/b.json").read_bytes() == b"2"


def test_without_npm_the_fix_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(LocalError, match="@some/thing") as caught:
        PackageCache(tmp_path, lambda _: None).ensure([_package(b"")])
    assert caught.value.code == "X101"
    assert "Node.js" in caught.value.hint


def test_a_failing_download_carries_the_words_of_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(tmp_path / "bin", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(LocalError, match="ENOTFOUND") as caught:
        PackageCache(tmp_path / "cache", lambda _: None).ensure([_package(b"")])
    assert caught.value.code == "X102"


def test_a_member_that_climbs_out_of_the_archive_writes_nothing(tmp_path: Path, npm: MakeNpm) -> None:
    climbing = _member("package/../../../../escaped", b"evil")
    cache = PackageCache(tmp_path / "cache", lambda _: None)
    cache.ensure([npm(_archive(climbing, _member("package/a/b.json", b"{}")))])
    assert not list(tmp_path.rglob("escaped"))


def test_a_link_in_place_of_a_wanted_file_is_refused(tmp_path: Path, npm: MakeNpm) -> None:
    link = tarfile.TarInfo("package/a/b.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert _code_of(PackageCache(tmp_path / "cache", lambda _: None), npm(_archive((link, b"")))) == "X104"


@pytest.mark.parametrize("content", [b"not an archive", _archive(_member("package/else", b""))])
def test_an_archive_without_the_wanted_file_is_refused(tmp_path: Path, npm: MakeNpm, content: bytes) -> None:
    assert _code_of(PackageCache(tmp_path / "cache", lambda _: None), npm(content)) == "X104"


def test_a_cache_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert _code_of(PackageCache(tmp_path / "file", lambda _: None), _package(b"")) == "X106"


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOPLOOP_CACHE", str(tmp_path))
    assert cache_root() == tmp_path


def test_a_checkout_keeps_its_cache_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOPLOOP_CACHE", raising=False)
    root = repo_root()
    assert root is not None
    assert cache_root() == root / ".hoploop" / "cache"
