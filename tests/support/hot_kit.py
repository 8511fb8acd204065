"""Bytes and wiring for tests of the native module."""

from __future__ import annotations

from hoploop.hot import Market
from hoploop.hot.reference.concentrated import Pool

SYNC = bytes.fromhex("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1")
SWAP = bytes.fromhex("c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67")
MINT = bytes.fromhex("7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde")
BURN = bytes.fromhex("0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c")
INITIALIZE = bytes.fromhex("98636036cb66a9c19a37435efc1e90142190214e8abeb821bdba3f2990dd4c95")
V3_TOPICS = (SWAP, MINT, BURN, INITIALIZE)


def word(value: int) -> bytes:
    """One ABI word, two's complement."""
    return (value % 2**256).to_bytes(32, "big")


def door(number: int, topic: bytes = SYNC) -> bytes:
    """Door of the pool at the address made of this byte."""
    return bytes([number]) * 20 + topic


def account_door(number: int) -> bytes:
    return bytes([number]) * 32


def sync(reserve0: int, reserve1: int) -> bytes:
    return word(reserve0) + word(reserve1)


def slot8(reserve0: int, reserve1: int) -> bytes:
    return word(reserve0 | reserve1 << 112 | 1_700_000_000 << 224)


def amm_account(reserve_a: int, reserve_b: int, fee_num: int = 3, fee_den: int = 1000) -> bytes:
    head = b"HOPAMM01" + fee_num.to_bytes(4, "little") + fee_den.to_bytes(4, "little") + bytes([255]) + bytes(7)
    return head + bytes(128) + b"".join(n.to_bytes(8, "little") for n in (reserve_a, reserve_b, 0))


def v3_snapshot(price: int, tick: int, liquidity: int, ticks: dict[int, tuple[int, int]]) -> bytes:
    """`ticks` maps a tick to (gross, net)."""
    body = word(price | (tick % 2**24) << 160 | 1 << 240) + word(liquidity)
    for at, (gross, net) in ticks.items():
        body += at.to_bytes(4, "big", signed=True) + word(gross | (net % 2**128) << 128)
    return body


def v3_positions(price: int, tick: int, positions: list[tuple[int, int, int]]) -> tuple[bytes, dict[int, int], int]:
    """Snapshot, net liquidity by tick and active liquidity of (lower, upper, liquidity) positions."""
    ticks: dict[int, tuple[int, int]] = {}
    active = 0
    for lower, upper, amount in positions:
        for at, signed in ((lower, amount), (upper, -amount)):
            gross, net = ticks.get(at, (0, 0))
            ticks[at] = (gross + amount, net + signed)
        active += amount if lower <= tick < upper else 0
    return v3_snapshot(price, tick, active, ticks), {at: net for at, (_, net) in ticks.items()}, active


def v3_pool(
    price: int, tick: int, positions: list[tuple[int, int, int]], fee_pips: int, spacing: int
) -> tuple[bytes, Pool]:
    """The snapshot and the reference twin of the same pool."""
    snapshot, net, active = v3_positions(price, tick, positions)
    pool = Pool(sqrt_price_x96=price, tick=tick, liquidity=active, fee_pips=fee_pips, tick_spacing=spacing, net=net)
    return snapshot, pool


def swap_log(price: int, liquidity: int, tick: int) -> bytes:
    return b"".join(map(word, (1, 2, -3, 4, price, liquidity, tick)))


def mint_log(lower: int, upper: int, amount: int) -> bytes:
    return b"".join(map(word, (1, lower, upper, 9, amount, 0, 0)))


def burn_log(lower: int, upper: int, amount: int) -> bytes:
    return b"".join(map(word, (1, lower, upper, amount, 0, 0)))


def single(curve: str, decoder: str, doors: list[bytes], fee: tuple[int, int], spacing: int = 0) -> Market:
    """A sealed market with one pool (handle 0)."""
    market = Market()
    market.add_asset("zero")
    market.add_asset("one")
    market.add_pool("pool", curve, decoder, 0, 1, *fee, spacing, 100_000, doors)
    market.seal()
    return market


def single_v2(reserve0: int, reserve1: int, fee: tuple[int, int] = (3, 1000)) -> Market:
    market = single("constant_product", "uniswap_v2", [door(1)], fee)
    market.load(0, 1, slot8(reserve0, reserve1))
    return market


def single_v3(snapshot: bytes, fee_pips: int, spacing: int) -> Market:
    doors = [door(1, topic) for topic in V3_TOPICS]
    market = single("concentrated", "uniswap_v3", doors, (fee_pips, 1_000_000), spacing)
    market.load(0, 1, snapshot)
    return market
