"""Reads swap vector files: accounts in, observed amounts out. Format: docs/verify.md."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from solders.pubkey import Pubkey

MAX_BYTES = 64 << 20


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One observed swap. `error` is None when the program paid."""

    direction: str
    mode: str
    amount: int
    amount_in: int = 0
    amount_out: int = 0
    sqrt_price_limit: int | str = 0
    variant: str = ""
    error: dict[str, Any] | None = None

    @property
    def limit(self) -> int:
        """The price limit as an integer; 0 for none."""
        return int(self.sqrt_price_limit)


class ClockState(msgspec.Struct, frozen=True):
    """The chain's clock during the swap."""

    slot: int = 0
    unix_timestamp: int = 0
    epoch: int = 0


class _Account(msgspec.Struct, frozen=True):
    owner: str
    data_base64: str


class _File(msgspec.Struct, frozen=True):
    venue: str
    program_id: str
    clock: ClockState
    accounts: dict[str, _Account]
    roles: dict[str, str]
    cases: list[Case]
    route: dict[str, list[str]] = {}
    instruction: str = ""


class SwapFile(msgspec.Struct, frozen=True, kw_only=True):
    """One pool with the swaps observed on it; keys are 32 bytes."""

    path: Path
    venue: str
    instruction: str
    roles: dict[str, bytes]
    accounts: dict[bytes, tuple[bytes, bytes]]
    """Address -> (owner, data)."""
    routes: tuple[list[bytes], list[bytes]]
    """Ordered arrays for a_to_b and for b_to_a."""
    clock: ClockState
    cases: list[Case]


def read_bytes(path: Path) -> bytes:
    """The file, unpacked when its name ends in .gz; ValueError over `MAX_BYTES`."""
    if path.suffix != ".gz":
        data = path.read_bytes()
    else:
        with gzip.open(path) as packed:
            data = packed.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"{path.name} has over {MAX_BYTES} bytes")
    return data


def read_swaps(path: Path) -> SwapFile:
    """One swap vector file; msgspec.ValidationError or ValueError when it is not one."""
    raw = msgspec.json.decode(read_bytes(path), type=_File)
    return SwapFile(
        path=path,
        venue=raw.venue,
        instruction=raw.instruction,
        roles={role: key(address) for role, address in raw.roles.items() if address},
        accounts={
            key(address): (key(account.owner), base64.b64decode(account.data_base64, validate=True))
            for address, account in raw.accounts.items()
        },
        routes=(
            [key(one) for one in raw.route.get("a_to_b", [])],
            [key(one) for one in raw.route.get("b_to_a", [])],
        ),
        clock=raw.clock,
        cases=raw.cases,
    )


def files(folder: Path) -> Iterator[Path]:
    """Every vector file below a folder, sorted."""
    yield from sorted(path for path in folder.rglob("*") if path.name.endswith((".json", ".json.gz")))


def key(address: str) -> bytes:
    """32 bytes of a base58 address."""
    return bytes(Pubkey.from_string(address))
