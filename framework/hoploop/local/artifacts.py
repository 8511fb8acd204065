"""Pinned npm packages as a source of published bytecode and binaries: fetched once, checked, kept in a cache folder."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import msgspec
import platformdirs

from hoploop.errors import LocalError

Progress = Callable[[str], None]

_FETCH_TIMEOUT_S = 300
_LARGEST_FILE = 256 * 1024 * 1024
_MARKER = ".integrity"


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One package: `npm pack name@version` must hash to `integrity`, and holds `files` (paths inside the package)."""

    name: str
    version: str
    integrity: str
    """Subresource-integrity text, `sha512-<base64>`."""
    files: tuple[str, ...]
    executable: bool = False

    @property
    def folder(self) -> str:
        """Its name in the cache."""
        return f"{self.name.replace('/', '__')}@{self.version}"


class PackageCache:
    """Folder of unpacked packages. Only the wanted files of a package are kept; a hit needs neither npm nor network."""

    def __init__(self, root: Path, progress: Progress) -> None:
        self.root = root / "npm"
        self._progress = progress

    def ensure(self, packages: Sequence[Package]) -> None:
        """Fetch what is missing; LocalError X101..X104 when that fails."""
        for number, package in enumerate(packages, 1):
            if not self._has(package):
                self._progress(f"fetching {package.name} {package.version} ({number}/{len(packages)})")
                self._fetch(package)

    def path(self, package: Package, file: str) -> Path:
        """Where one of its files is kept."""
        return self.root / package.folder / file

    def _has(self, package: Package) -> bool:
        marker = self.path(package, _MARKER)
        try:
            known = marker.read_text()
        except OSError:
            return False
        return known == package.integrity and all(self.path(package, file).is_file() for file in package.files)

    def _fetch(self, package: Package) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".fetch-", dir=self.root) as name:
                scratch = Path(name)
                archive = npm_pack(package, scratch)
                check_integrity(package, archive)
                unpacked = scratch / "files"
                unpack(package, archive, unpacked)
                (unpacked / _MARKER).write_text(package.integrity)
                self._put(package, unpacked)
        except OSError as error:
            raise LocalError("X106", f"{self.root}: {error.strerror or error}") from error

    def _put(self, package: Package, unpacked: Path) -> None:
        target = self.root / package.folder
        if not self._has(package):
            shutil.rmtree(target, ignore_errors=True)
        try:
            unpacked.rename(target)
        except OSError:
            if not self._has(package):  # otherwise another process was faster
                raise


def npm_pack(package: Package, into: Path) -> Path:
    """Download the archive of a package, running none of its scripts; X101 without npm, X102 on failure."""
    npm = shutil.which("npm")
    if npm is None:
        raise LocalError("X101", f"npm is needed to fetch {package.name} {package.version}")
    # `--prefix` and the scratch working folder keep npm from reading a package.json around us.
    command = [npm, "pack", "--loglevel=error", "--ignore-scripts", "--pack-destination", str(into)]
    command.append(f"{package.name}@{package.version}")
    try:
        done = subprocess.run(command, cwd=into, capture_output=True, timeout=_FETCH_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise LocalError("X102", f"{package.name} {package.version}: npm took over {_FETCH_TIMEOUT_S} s") from error
    archives = list(into.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        errors = [line.removeprefix("npm error").strip() for line in words if "error" in line.lower()]
        reason = "; ".join(errors[:2]) or f"npm ended with {done.returncode}"
        raise LocalError("X102", f"{package.name} {package.version}: {reason[:200]}")
    return archives[0]


def check_integrity(package: Package, archive: Path) -> None:
    """X103 unless the archive hashes to the pinned value."""
    with archive.open("rb") as file:
        found = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if package.integrity != f"sha512-{found}":
        raise LocalError("X103", f"{package.name} {package.version} has sha512-{found}, pinned is {package.integrity}")


def unpack(package: Package, archive: Path, into: Path) -> None:
    """Copy the wanted regular files out of the archive; X104 when one is absent, not a file, or too large.

    Target paths come from our table, never from the archive, so no member can write elsewhere.
    """
    wanted = set(package.files)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                file = str(PurePosixPath(*PurePosixPath(member.name).parts[1:]))
                if file not in wanted:
                    continue
                source = tar.extractfile(member) if member.isreg() and member.size <= _LARGEST_FILE else None
                if source is None:
                    raise LocalError("X104", f"{package.name}: {member.name} is not a plain file of a sane size")
                target = into / file
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as out:
                    shutil.copyfileobj(source, out)
                target.chmod(0o755 if package.executable else 0o644)
                wanted.discard(file)
    except (tarfile.TarError, EOFError) as error:
        raise LocalError("X104", f"{package.name}: {error}") from error
    if wanted:
        raise LocalError("X104", f"{package.name} {package.version} does not hold {min(wanted)}")


def repo_root() -> Path | None:
    """The source checkout this module runs from, or None when installed elsewhere."""
    root = Path(__file__).resolve().parents[3]
    return root if (root / "pyproject.toml").is_file() and (root / "framework" / "hoploop").is_dir() else None


def cache_root() -> Path:
    """`$HOPLOOP_CACHE`, else `.hoploop/cache` of the checkout, else the user's cache folder."""
    chosen = os.environ.get("HOPLOOP_CACHE")
    if chosen:
        return Path(chosen)
    checkout = repo_root()
    return checkout / ".hoploop" / "cache" if checkout else platformdirs.user_cache_path("hoploop")
