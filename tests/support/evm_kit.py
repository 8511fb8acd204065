"""Snapshots and logs of the EVM venues whose parameters are state."""

from __future__ import annotations

from hot_kit import SWAP, door, single, word
from hypothesis import strategies as st

from hoploop.hot import HotError, Market
from hoploop.hot.reference import balancer, stableswap
from hoploop.hot.reference.pairs import Pair

WAD = 10**18
SYNC256 = bytes.fromhex("cf2aa50876cdfbb541206f89af0ee78d44a2abf8d328e37fa4917f982149848a")
CAMELOT_FEES = bytes.fromhex("a4877b8ecb5a00ba277e4bceeeb187a669e7113649774dfbea05c259ce27f17b")
CAMELOT_STABLE = bytes.fromhex("b6a86710bde53aa7fb1b3856279e2af5b476d53e2dd0902cf17a0911b5a43a8b")
EXCHANGE = bytes.fromhex("8b3e96f2b889fa771c53c981b40daf005f63f637f1869f707032d15a3dd97140")
VAULT_SWAP = bytes.fromhex("2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b")
PANCAKE_SWAP = bytes.fromhex("19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83")
ALGEBRA_SWAP = bytes.fromhex("121cb44ee54098b1a04743c487e7460d8dd429b27f88b1f4d4767396e1a59f79")
ALGEBRA_FEE = bytes.fromhex("598b9f043c813aa6be3426ca60d1c65d17256312890be5118dab55b0775ebe2a")
ALGEBRA_FEES = bytes.fromhex("8a89de70856bccec096661388f305b9a75f5f65cb0d8a0e1e803c39dabedb57f")
OTHER = bytes([9]) * 32


def numbers(*values: int) -> bytes:
    return b"".join(map(word, values))


def vault_door(topic: bytes = VAULT_SWAP, pool: int = 7) -> bytes:
    """Door of a Balancer pool: the Vault, the topic, the pool's id."""
    return door(1, topic) + word(pool)


def loaded(
    curve: str, decoder: str, snapshot: bytes, doors: list[bytes], fee: tuple[int, int] = (0, 1), spacing: int = 0
) -> Market:
    market = single(curve, decoder, doors, fee, spacing)
    market.load(0, 1, snapshot)
    return market


def metadata(pair: Pair, stable: bool) -> bytes:
    """What `metadata()` of a Solidly pool answers."""
    return numbers(*pair.scale, *pair.reserves, stable, 1, 2)


def solidly(pair: Pair, stable: bool) -> Market:
    curve = "solidly_stable" if stable else "solidly_volatile"
    return loaded(curve, "solidly", metadata(pair, stable), [door(1, SYNC256)], (pair.fees[0], pair.den))


def camelot_words(pair: Pair, stable: bool) -> bytes:
    packed = pair.reserves[0] | pair.reserves[1] << 112 | pair.fees[0] << 224 | pair.fees[1] << 240
    return numbers(packed, *pair.scale, stable)


def camelot(pair: Pair, stable: bool) -> Market:
    curve = "camelot_stable" if stable else "constant_product_directional"
    doors = [door(1), door(1, CAMELOT_FEES), door(1, CAMELOT_STABLE)]
    return loaded(curve, "camelot", camelot_words(pair, stable), doors, (0, pair.den))


def curve_words(pool: stableswap.Pool, coins: tuple[int, int], admin_fee: int = 0) -> bytes:
    return numbers(
        len(pool.balances), *coins, pool.amp, pool.amp_precision, pool.fee, admin_fee, pool.offpeg, pool.product,
        pool.fee_step, *(value for coin in zip(pool.balances, pool.rates, strict=True) for value in coin),
    )  # fmt: skip


def curve(pool: stableswap.Pool, coins: tuple[int, int]) -> Market:
    return loaded("stableswap", "curve", curve_words(pool, coins), [door(1, EXCHANGE)])


def weighted_words(pool: balancer.Weighted, tokens: tuple[int, int] = (1, 2)) -> bytes:
    sides = zip(tokens, pool.balances, pool.weights, pool.scale, strict=True)
    return numbers(*(value for side in sides for value in side), pool.fee, pool.version)


def weighted(pool: balancer.Weighted) -> Market:
    return loaded("balancer_weighted", "balancer_v2", weighted_words(pool), [vault_door()])


def stable_words(pool: balancer.Stable, coins: tuple[int, int]) -> bytes:
    held = zip(range(1, 6), pool.balances, pool.scale, strict=False)
    return numbers(
        len(pool.balances), *coins, pool.amp, pool.fee, pool.version, *(value for coin in held for value in coin)
    )


def balancer_stable(pool: balancer.Stable, coins: tuple[int, int]) -> Market:
    return loaded("balancer_stable", "balancer_v2", stable_words(pool, coins), [vault_door()])


def with_fees(snapshot: bytes, fees: tuple[int, int]) -> bytes:
    """A Uniswap V3 snapshot made into one of a fork whose fee is state."""
    return snapshot[:64] + word(fees[0] | fees[1] << 24) + snapshot[64:]


def dynamic(curve: str, snapshot: bytes, fees: tuple[int, int], spacing: int) -> Market:
    doors = [door(1, topic) for topic in (SWAP, ALGEBRA_SWAP, ALGEBRA_FEE, ALGEBRA_FEES)]
    return loaded(curve, "algebra", with_fees(snapshot, fees), doors, spacing=spacing)


def sized(most: int) -> st.SearchStrategy[int]:
    """Amounts of every size up to a bound, its edges among them."""
    bits = st.integers(0, most.bit_length()).map(lambda wide: 1 << wide)
    near = st.tuples(bits, st.integers(-2, 2)).map(lambda pair: pair[0] + pair[1])
    return st.one_of(near, st.integers(0, most), bits.flatmap(lambda top: st.integers(0, top))).map(
        lambda amount: max(0, min(most, amount))
    )


def refuses(market: Market, snapshot: bytes) -> str:
    """Why a snapshot is refused; empty when it is not."""
    try:
        market.load(0, 2, snapshot)
    except HotError as error:
        return str(error).rpartition(": ")[2]
    return ""
