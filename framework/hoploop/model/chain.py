"""Values about a chain: its head, its identity and a signed transaction."""

from __future__ import annotations

from typing import Literal

import msgspec

Family = Literal["evm", "solana"]
Mode = Literal["dry", "paper", "live"]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest block (EVM) or slot (Solana) seen."""

    number: int
    hash: str = ""
    parent: str = ""
    seen_ns: int = 0
    """Monotonic clock when it arrived here."""


class ChainFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a chain says of itself when a client opens."""

    identity: str
    """Decimal chain id (EVM) or genesis hash (Solana); compared with the recipe."""
    head: Head
    client: str = ""
    """Node software, for the log."""


class SignedTx(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that may leave, and what identifies them on chain."""

    chain: str
    id: str
    """Transaction hash (0x…) or base58 signature: known before sending."""
    raw: bytes
    expires: int
    """Last block height (Solana) or block number (EVM) at which it can still land."""
    nonce: int = 0


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """What a node says the transaction would do on its newest state."""

    ok: bool
    units: int
    """Gas or compute units consumed."""
    error: str = ""
    gained: int | None = None
    """Net gain of the profit asset in base units as the simulated chain reports it; None if it does not."""
    logs: tuple[str, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The final word of the chain on one transaction."""

    status: Literal["landed", "reverted", "expired"]
    number: int
    """Block or slot it landed in (or the head at which it was found expired)."""
    gained: int | None = None
    """Realized change of the profit asset (base units), tips paid in that asset excluded; None if unknown."""
    network_fee: int = 0
    """Paid in the native coin's base units, tips excluded."""
    tip: int = 0
    """Tip paid to the route in the native coin's base units."""
    units: int = 0
    first: bool | None = None
    """True when no other transaction moved the same pools between the quoted state and this one; None if unknown."""
    error: str = ""
