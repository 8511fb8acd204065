"""The peers: what each is made of, how it is started, and where it lives under `.hoploop/bench`."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "bench/peers"
HOMES = ROOT / ".hoploop/bench"


@dataclasses.dataclass(frozen=True)
class Peer:
    """One program that measures others' code; `home` may be shared."""

    name: str
    kind: Literal["python", "rust", "npm"]
    home: str
    source: str
    """Script or Cargo folder in `bench/peers`."""
    python: str = ""

    @property
    def folder(self) -> Path:
        return HOMES / self.home

    @property
    def why_not(self) -> Path:
        """Holds the reason when the environment could not be made."""
        return self.folder / "SKIPPED"

    def command(self) -> list[str] | str:
        """What to run, or why it cannot be."""
        if self.why_not.is_file():
            return self.why_not.read_text("utf-8").strip()
        needed = self._program()
        if not needed.exists():
            return "not set up: python bench/peers/setup.py"
        if self.kind == "rust":
            return [str(needed)]
        return [str(needed) if self.kind == "python" else "node", str(PEERS / self.source)]

    def environment(self) -> dict[str, str]:
        """Variables it needs beside those of every peer."""
        if self.kind == "npm":
            return {"HOPLOOP_BENCH_NPM": str(self.folder)}
        # degenbot 0.5 keeps its settings in the user's home.
        return {"HOME": str(self.folder / ".venv/home")} if self.kind == "python" else {}

    def _program(self) -> Path:
        if self.kind == "python":
            return self.folder / ".venv/bin/python"
        if self.kind == "npm":
            return self.folder / "node_modules/.package-lock.json"
        return self.folder / "target/release" / f"hoploop-bench-{self.source.replace('_', '-')}"


# The order of one round: a fast peer of each workload early, so that it stands close to our own figures.
ALL = (
    Peer("uniswap_v3_math", "rust", "uniswap_v3_math", "uniswap_v3_math"),
    Peer("orca_whirlpools_core", "rust", "orca_whirlpools_core", "orca_whirlpools_core"),
    Peer("degenbot_0_6", "python", "degenbot_0_6", "degenbot_0_6.py", "3.13"),
    Peer("orca_whirlpools_wasm", "npm", "npm", "npm/orca.mjs"),
    Peer("uniswap_sdks", "npm", "npm", "npm/uniswap.mjs"),
    Peer("raydium_sdk_v2", "npm", "npm", "npm/raydium.mjs"),
    Peer("meteora_dlmm_sdk", "npm", "npm", "npm/meteora.mjs"),
    Peer("meteora_cp_amm_sdk", "npm", "npm", "npm/cp_amm.mjs"),
    Peer("phoenix_sdk", "npm", "npm", "npm/phoenix.mjs"),
    Peer("curvesim", "python", "curvesim", "curve_stable.py", "3.11"),
    Peer("degenbot_0_5", "python", "degenbot_0_5", "degenbot_0_5.py", "3.12"),
)
