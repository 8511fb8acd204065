"""Reads swap vector files: accounts in, observed amounts out. Format: docs/verify.md."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from solders.pubkey import Pubkey

MAX_BYTES = 64 << 20


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One observed swap. `error` is None when the program paid; what else is null was not there."""

    direction: Literal["a_to_b", "b_to_a"]
    mode: str
    amount: int
    amount_in: int | None = None
    amount_out: int | None = None
    sqrt_price_limit: int | str | None = None
    variant: str | None = None
    error: dict[str, Any] | str | None = None

    @property
    def limit(self) -> int:
        """The price limit as an integer; 0 for none."""
        return int(self.sqrt_price_limit or 0)

    @property
    def failure(self) -> str:
        """How the program failed, name and detail; empty when it paid."""
        if not isinstance(self.error, dict):
            return self.error or ""
        return " ".join(str(self.error.get(name) or "") for name in ("name", "detail")).strip() or "error"


class ClockState(msgspec.Struct, frozen=True):
    """The chain's clock during the swap."""

    slot: int = 0
    unix_timestamp: int = 0
    epoch: int = 0


class AccountData(msgspec.Struct, frozen=True):
    """One account as it is written in a file."""

    owner: str
    data_base64: str


class _File(msgspec.Struct, frozen=True):
    venue: str
    program_id: str
    clock: ClockState
    accounts: dict[str, AccountData | None]
    roles: dict[str, str | None]
    cases: list[Case]
    route: dict[str, list[str]] | None = None
    instruction: str | None = None


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
    with path.open("rb") as file:
        data = (gzip.GzipFile(fileobj=file) if path.suffix == ".gz" else file).read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"over {MAX_BYTES} bytes")
    return data


def read_swaps(path: Path) -> SwapFile:
    """One swap vector file; msgspec.ValidationError or ValueError when it is not one."""
    return parse_swaps(path, read_bytes(path))


def parse_swaps(path: Path, data: bytes) -> SwapFile:
    """One swap vector file of these bytes; msgspec.ValidationError or ValueError when it is not one."""
    # Not strict: a number too large for some readers may be written as text.
    raw = msgspec.json.decode(data, type=_File, strict=False)
    route = raw.route or {}
    for case in raw.cases:
        fits(64, case.amount)
        fits(128, case.limit)
    fits(64, raw.clock.slot, raw.clock.epoch)
    return SwapFile(
        path=path,
        venue=raw.venue,
        instruction=raw.instruction or "",
        roles=decode_roles(raw.roles),
        accounts=decode_accounts(raw.accounts),
        routes=(
            [key(one) for one in route.get("a_to_b", [])],
            [key(one) for one in route.get("b_to_a", [])],
        ),
        clock=raw.clock,
        cases=raw.cases,
    )


def decode_roles(roles: Mapping[str, str | None]) -> dict[str, bytes]:
    """Addresses by role; roles without one are left out."""
    return {role: key(address) for role, address in roles.items() if address}


def decode_accounts(accounts: Mapping[str, AccountData | None]) -> dict[bytes, tuple[bytes, bytes]]:
    """Address -> (owner, data); an account that is null does not exist."""
    return {
        key(address): (key(account.owner), base64.b64decode(account.data_base64, validate=True))
        for address, account in accounts.items()
        if account is not None
    }


def fits(bits: int, *numbers: int) -> None:
    """ValueError unless every number is unsigned and of that many bits."""
    for number in numbers:
        if not 0 <= number < 1 << bits:
            raise ValueError(f"{number} is not an unsigned number of {bits} bits")


def files(folder: Path) -> Iterator[Path]:
    """Every vector file below a folder, sorted."""
    yield from sorted(path for path in folder.rglob("*.json*") if path.name.endswith((".json", ".json.gz")))


def key(address: str) -> bytes:
    """32 bytes of a base58 address."""
    return bytes(Pubkey.from_string(address))
