"""Our own quotes as Python sees them, through `hoploop.hot`, on the peers' workloads; one JSON line a measurement."""

from __future__ import annotations

import sys
from array import array
from pathlib import Path

# The peers' timing is ours too.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import forge
from peers.measure import concentrated, report

from hoploop.hot import Market, VenueState, version

WHO = "hoploop_python"
MANY = 256
TOPICS = {
    "uniswap_v2": ("1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1",),
    "uniswap_v3": ("c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67",),
}


def market(curve: str, decoder: str, fee: tuple[int, int], spacing: int, snapshot: bytes) -> Market:
    """A market of one pool."""
    made = Market()
    made.add_asset("zero")
    made.add_asset("one")
    doors = [bytes(20) + bytes.fromhex(topic) for topic in TOPICS[decoder]]
    made.add_pool("pool", curve, decoder, 0, 1, *fee, spacing, 100_000, doors)
    made.seal()
    assert made.load(0, 1, snapshot)
    return made


def evm() -> None:
    reserve0, reserve1 = forge.first_pair()
    word = (reserve0 | reserve1 << 112).to_bytes(32, "big")
    pair = market("constant_product", "uniswap_v2", (3, 1000), 0, word)
    amount = 10**17
    assert pair.quote(0, True, amount) == amount * 997 * reserve1 // (reserve0 * 1000 + amount * 997)
    boundary(pair)
    report("quote_v2", WHO, True, pair.quote, 0, True, amount)
    state, asked = concentrated()
    pool = market(
        "concentrated", "uniswap_v3", (state["fee"], 10**6), state["spacing"], forge.concentrated_snapshot(state)
    )
    for name, down, given, expected in asked:
        assert pool.quote(0, down, given) == expected
        report(name, WHO, True, pool.quote, 0, down, given)


def boundary(pair: Market) -> None:
    """What the way from Python costs, on a pool whose own quote is a division."""
    report("ffi_call", WHO, True, version)
    report("ffi_quote", WHO, True, pair.quote, 0, True, 10**6)
    report("ffi_quote_wide", WHO, True, pair.quote, 0, True, 10**20)
    for name, least in (("ffi_quote_many", 10**6), ("ffi_quote_many_wide", 10**20)):
        amounts = [least + at for at in range(MANY)]
        assert pair.quote_many(0, True, amounts) == [pair.quote(0, True, one) for one in amounts]
        report(name, WHO, True, pair.quote_many, 0, True, amounts, each=MANY)
    given, taken = array("Q", range(10**6, 10**6 + MANY)), array("Q", bytes(8 * MANY))
    assert pair.quote_into(0, True, given, taken) == MANY
    assert taken.tolist() == pair.quote_many(0, True, given.tolist())
    report("ffi_quote_into", WHO, True, pair.quote_into, 0, True, given, taken, each=MANY)
    unwatched = [(at.to_bytes(32, "little"), at, bytes(64)) for at in range(MANY)]
    assert pair.on_batch(unwatched).ignored == MANY
    report("ffi_on_batch", WHO, True, pair.on_batch, unwatched, each=MANY)


def venue(key: str, forged: forge.Forged) -> VenueState:
    state = VenueState.read(key, forged.roles, forged.held, forged.routes, forged.clock)
    assert isinstance(state, VenueState), state
    return state


def solana() -> None:
    for name, key, (forged, asked) in (
        ("whirlpool", "whirlpool", forge.whirlpool()),
        ("dlmm", "meteora_dlmm", forge.dlmm()),
    ):
        pool = venue(key, forged)
        for amount, out, crossed in asked:
            assert pool.quote(True, True, amount, 0, 0) == (amount, out), (name, crossed)
            report(f"quote_{name}_{crossed}", WHO, True, pool.quote, True, True, amount, 0, 0)
    pool = venue("raydium_clmm", forge.clmm())
    for crossed, amount, out in forge.CLMM_ASKED:
        assert pool.quote(True, True, amount, 0, 0) == (amount, out), crossed
        report(f"quote_clmm_{crossed}", WHO, True, pool.quote, True, True, amount, 0, 0)


if __name__ == "__main__":
    evm()
    solana()
