"""Storage of a Uniswap V3 pool and its events that move prices (solc layout; @uniswap/v3-core 1.0.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eth_hash.auto import keccak

from hoploop_evm._shared.words import topic, uint

MAX_TICK = 887272
SLOT0 = uint(0)
"""sqrtPriceX96 u160 | tick i24 | observation index, cardinality, next u16 each | fee protocol u8 | unlocked."""
LIQUIDITY = uint(4)
_TICKS, _BITMAP = 5, 6

SWAP = topic("Swap(address,address,int256,int256,uint160,uint128,int24)")
MINT = topic("Mint(address,address,int24,int24,uint128,uint256,uint256)")
BURN = topic("Burn(address,int24,int24,uint128,uint256,uint256)")
TOPICS = (SWAP, MINT, BURN)


def word_positions(spacing: int) -> range:
    """Every bitmap word a tick of this spacing can be in."""
    # Python's // floors, as the contract's compress does; the lowest usable tick is rounded towards zero.
    usable = MAX_TICK // spacing
    return range((-usable) >> 8, (usable >> 8) + 1)


def bitmap_slot(position: int) -> bytes:
    """Where `tickBitmap[position]` (int16) is stored."""
    return keccak(_signed(position) + uint(_BITMAP))


def tick_slot(tick: int) -> bytes:
    """Where the first word of `ticks[tick]` (liquidityGross u128 | liquidityNet i128) is stored."""
    return keccak(_signed(tick) + uint(_TICKS))


def initialized_ticks(positions: Sequence[int], words: Sequence[bytes], spacing: int) -> Iterator[int]:
    """Ticks whose bit is set, in order."""
    for position, word in zip(positions, words, strict=True):
        bits = int.from_bytes(word, "big")
        while bits:
            lowest = bits & -bits
            yield (position * 256 + lowest.bit_length() - 1) * spacing
            bits ^= lowest


def snapshot(slot0: bytes, liquidity: bytes, ticks: Sequence[tuple[int, bytes]]) -> bytes:
    """The decoder's layout: slot 0, liquidity word, then in tick order (i32 big endian, first word of the tick)."""
    return slot0 + liquidity + b"".join(tick.to_bytes(4, "big", signed=True) + word for tick, word in ticks)


def _signed(value: int) -> bytes:
    return value.to_bytes(32, "big", signed=True)
