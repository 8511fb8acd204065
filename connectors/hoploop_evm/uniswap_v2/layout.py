"""Storage of a Uniswap V2 pair and its one event that moves reserves (solc layout; @uniswap/v2-core 1.0.1)."""

from __future__ import annotations

from hoploop_evm._shared.words import WORD, topic, uint

RESERVES_SLOT = uint(8)
"""Bits 0-111 reserve0, 112-223 reserve1, 224-255 timestamp of the last update."""
SYNC = topic("Sync(uint112,uint112)")
"""Data: reserve0 and reserve1, one word each; the state after every mint, burn, swap, sync."""

SNAPSHOT_SIZE = WORD
"""The decoder's snapshot is slot 8 as it is."""
