"""Values about markets: pools, raw updates, opportunities."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec


class PoolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What the hot module must know of one pool. Pure: made from the recipe, without I/O."""

    id: str
    """`<venue id>/<pool name>`, unique in a recipe."""
    chain: str
    venue: str
    address: str
    asset0: str
    """Asset id of the pool's token 0 (or A, X, coin)."""
    asset1: str
    curve: str
    """Native curve kind: `constant_product` or `concentrated`."""
    decoder: str
    """Native decoder: how updates of this pool are laid out (`uniswap_v2`, `uniswap_v3`, `hoploop_amm`)."""
    fee_num: int
    fee_den: int
    units: int
    """Planning value: gas or compute units of one swap here."""
    doors: tuple[bytes, ...]
    """Keys under which updates of this pool arrive: account key (32) or address + topic (52)."""
    tick_spacing: int = 0


class RawUpdate(NamedTuple):
    """One update as it came: door key, ordering number, undecoded bytes.

    `seq` is `slot << 20 | index` on Solana and `block << 20 | log index` on EVM.
    EVM data is `topics[1:]` concatenated, then the log data. Solana data is the account data.
    """

    key: bytes
    seq: int
    data: bytes


class PoolSnapshot(NamedTuple):
    """Whole state of one pool at `seq`, in the decoder's snapshot layout (see docs/connectors/decoders.md)."""

    pool: str
    seq: int
    data: bytes


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One swap of an opportunity; amounts are exact quotes in base units."""

    pool: str
    asset_in: str
    asset_out: str
    zero_for_one: bool
    amount_in: int
    amount_out: int


class Opportunity(msgspec.Struct, frozen=True, kw_only=True):
    """A sized, priced cycle that starts and ends in `asset`. All amounts in base units."""

    cause: int
    """Number of the update batch that led to it."""
    chain: str
    strategy: str
    asset: str
    legs: tuple[Leg, ...]
    amount_in: int
    gross: int
    """Last leg's output minus `amount_in`."""
    lender: str | None
    """Lender id, or None for own capital."""
    flash_fee: int
    units: int
    """Planned gas or compute units of swaps and loan; `FeeTerms.base_units` come on top."""
    network_fee: int
    """Planned fee for `units` in native base units."""
    tip: int
    """Planned tip in native base units."""
    net: int
    """`gross - flash_fee - network_fee - tip`, all in `asset`."""
    seq: int
    received_ns: int
    found_ns: int
    native: Any = None
    """The hot module's own record of all this, from which templates are filled; None when it comes from elsewhere."""

    def shape(self) -> str:
        """Route shape: pools in order, the lender in front."""
        return f"{self.lender or 'own'}:" + ">".join(leg.pool for leg in self.legs)
