"""Which module is the twin of which venue; each is imported when it is first read."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

VENUES: Mapping[str, str] = MappingProxyType(
    {
        "meteora_damm_v1": "hoploop.hot.reference.meteora_damm_v1",
        "meteora_damm_v2": "hoploop.hot.reference.meteora_damm_v2",
        "meteora_dlmm": "hoploop.hot.reference.meteora_dlmm",
        "phoenix": "hoploop.hot.reference.phoenix",
        "pump_swap": "hoploop.hot.reference.pump_swap",
        "raydium_amm_v4": "hoploop.hot.reference.raydium_amm_v4",
        "raydium_clmm": "hoploop.hot.reference.raydium_clmm",
        "raydium_cpmm": "hoploop.hot.reference.raydium_cpmm",
        "whirlpool": "hoploop.hot.reference.whirlpool",
    }
)
"""Venue key -> module with `read(roles, held, routes, clock) -> Pool | str`. One line a venue."""


class Pool(Protocol):
    """A state that can be quoted, as `hoploop.hot._native.VenueState` is."""

    def quote(
        self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int
    ) -> tuple[int, int] | str:
        """(amount_in, amount_out) as the program would move them, or the reason why it would refuse."""


def read(
    venue: str,
    roles: Mapping[str, bytes],
    held: Mapping[bytes, tuple[bytes, bytes]],
    routes: tuple[list[bytes], list[bytes]],
    clock: tuple[int, int, int],
) -> Pool | str:
    """Read a pool with the venue's twin; a string is the reason why it is refused. ValueError: unknown venue.

    Same shapes as `VenueState.read`: `held` maps address to (owner, data), `clock` is slot, unix time, epoch.
    """
    module = VENUES.get(venue)
    if module is None:
        raise ValueError(f"unknown venue {venue!r}")
    pool: Pool | str = import_module(module).read(roles, held, routes, clock)
    return pool
