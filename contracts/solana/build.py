"""Builds the local Solana programs with PyPI `ziglang`; `--check` rebuilds and compares with what is committed."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # link.py lies beside this file, outside any package

from link import link  # noqa: E402

PROGRAMS = ("amm", "lend")
FLAGS = (
    "-target", "bpfel-freestanding-none", "-mcpu=v2", "-std=c11", "-O2", "-ffreestanding", "-fno-builtin",
    "-fno-jump-tables", "-fno-ident", "-g0", "-Wall", "-Wextra", "-Werror",
)  # fmt: skip


def source_hash() -> str:
    """sha256 over the name and bytes of every source file, the linker and the compiler flags."""
    digest = hashlib.sha256()
    for path in sorted([*(HERE / "src").glob("*.[ch]"), HERE / "link.py"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(" ".join(FLAGS).encode())
    return digest.hexdigest()


def build(into: Path) -> dict[str, Any]:
    """Compiles every program into `into` and returns the manifest that belongs to it."""
    into.mkdir(parents=True, exist_ok=True)
    programs = {}
    for name in PROGRAMS:
        shared = compile_program(HERE / "src" / f"{name}.c")
        (into / f"{name}.so").write_bytes(shared)
        programs[name] = {"bytes": len(shared), "sha256": hashlib.sha256(shared).hexdigest()}
    manifest = {"compiler": f"ziglang {version('ziglang')}", "source_sha256": source_hash(), "programs": programs}
    (into / "build.json").write_text(json.dumps(manifest, indent=2) + "\n")
    return manifest


def compile_program(source: Path) -> bytes:
    """Shared object of one C file. The compiler sees relative names, so no machine's folders reach the output."""
    with tempfile.TemporaryDirectory() as scratch:
        obj = Path(scratch) / "program.o"
        command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-c", source.name, "-o", str(obj)]
        subprocess.run(command, check=True, cwd=source.parent)
        return link(obj.read_bytes())


def check() -> list[str]:
    """What differs between a fresh build and `build/`; empty when nothing does."""
    committed = HERE / "build"
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch)
        build(fresh)
        names = [f"{name}.so" for name in PROGRAMS] + ["build.json"]
        return [
            name
            for name in names
            if not (committed / name).is_file() or (committed / name).read_bytes() != (fresh / name).read_bytes()
        ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 on a difference")
    if not parser.parse_args().check:
        print(json.dumps(build(HERE / "build"), indent=2))
        return 0
    different = check()
    for name in different:
        print(f"contracts/solana/build/{name} differs from a fresh build: run build.py", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
