"""Where the pinned artifacts and the anvil binary of the local EVM world come from."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

import msgspec

from hoploop.errors import LocalError
from hoploop.local.artifacts import Package, PackageCache, repo_root
from hoploop.local.evm.contracts import Artifact

_TABLE = Path(__file__).with_name("packages.json")
_VERSION = re.compile(r"anvil.*?(\d+)\.(\d+)\.\d+", re.IGNORECASE | re.DOTALL)
_MACHINES = {"amd64": "x86_64", "aarch64": "arm64"}
_VERSION_TIMEOUT_S = 20


class PackageTable(msgspec.Struct, frozen=True, kw_only=True):
    """Content of `packages.json`."""

    anvil: dict[str, Package]
    """Platform (`linux-x86_64`) -> package with the native binary."""
    contracts: tuple[Package, ...]

    @classmethod
    def load(cls) -> PackageTable:
        """Read the table shipped with this package."""
        return msgspec.json.decode(_TABLE.read_bytes(), type=cls)


class ArtifactStore:
    """The contracts of the world by short name, read from the package cache."""

    def __init__(self, cache: PackageCache, table: PackageTable) -> None:
        self._cache = cache
        self._table = table

    def ensure(self) -> None:
        """Fetch what the cache lacks."""
        self._cache.ensure(self._table.contracts)

    def get(self, name: str) -> Artifact:
        """Artifact by the file's stem (`UniswapV2Pair`)."""
        return Artifact.load(self._paths[name])

    @cached_property
    def _paths(self) -> dict[str, Path]:
        pairs = ((package, file) for package in self._table.contracts for file in package.files)
        return {Path(file).stem: self._cache.path(package, file) for package, file in pairs}


def executor_artifact() -> Artifact:
    """Our own executor contract, built and committed with the sources; X107 outside a checkout."""
    root = repo_root()
    path = root / "contracts" / "evm" / "build" / "HoploopExecutor.json" if root else None
    if path is None or not path.is_file():
        raise LocalError("X107", "contracts/evm/build/HoploopExecutor.json is not there")
    return Artifact.load(path)


def find_anvil(cache: PackageCache, table: PackageTable) -> Path:
    """The anvil on PATH when it is of the pinned major version, else the pinned binary; X105 when there is none."""
    platform_name = f"{platform.system()}-{platform.machine()}".lower()
    for alias, name in _MACHINES.items():
        platform_name = platform_name.replace(alias, name)
    package = table.anvil.get(platform_name)
    installed = shutil.which("anvil")
    wanted = {int(pinned.version.split(".")[0]) for pinned in table.anvil.values()}
    if installed and _major(installed) in wanted:
        return Path(installed)
    if package is None:
        raise LocalError("X105", f"no anvil {min(wanted)}.x on PATH and none pinned for {platform_name}")
    cache.ensure([package])
    return cache.path(package, package.files[0])


def _major(program: str) -> int | None:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=_VERSION_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _VERSION.search(done.stdout.decode(errors="replace"))
    return int(found[1]) if found else None
