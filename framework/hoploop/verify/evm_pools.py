"""Recorded states of EVM pools, made into pools that native and reference can be asked about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from hoploop.hot import HotError, Market
from hoploop.hot.reference import balancer, concentrated, concentrated_swaps, constant_product, pairs, stableswap

WAD = 10**18
CAMELOT_UNIT = 100_000
Fill = tuple[int, int] | str
"""(input, output), or the reason of refusal."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A pool seen from two of its tokens: how native is told of it, and its twin `(zero_for_one, exact_in, amount)`."""

    curve: str
    decoder: str
    snapshot: bytes
    twin: Callable[[bool, bool, int], Fill]
    fee: tuple[int, int] = (0, 1)
    spacing: int = 0

    def native(self) -> Callable[[bool, bool, int], Fill]:
        """The native pool's answers; a state it does not take refuses every question."""
        market = Market()
        first, second = market.add_asset("0"), market.add_asset("1")
        pool = market.add_pool("pool", self.curve, self.decoder, first, second, *self.fee, self.spacing, 0, ())
        market.seal()
        try:
            market.load(pool, 1, self.snapshot)
        except HotError as error:
            reason = str(error)
            return lambda zero_for_one, exact_in, amount: reason
        return lambda zero_for_one, exact_in, amount: market.fill(pool, zero_for_one, exact_in, amount)


class Family(msgspec.Struct, frozen=True):
    """How states of a kind are recognised, by all of `fields`, and told of."""

    venue: str
    fields: frozenset[str]
    tell: Callable[[Mapping[str, Any], int, int], Told]


def family_of(state: Mapping[str, Any]) -> Family | None:
    """The family of a recorded state."""
    return next((family for family in FAMILIES if family.fields <= state.keys()), None)


def tokens(state: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Of every token the words that may name it: address and symbol, lower case."""
    held = state.get("tokens") or [state[name] for name in ("token0", "token1") if name in state]
    if held:
        return [tuple(str(token.get(word, "")).lower() for word in ("address", "symbol")) for token in held]
    # A name such as "Uniswap V3 WBTC/WETH 0.3%" has the tokens in the pool's order.
    named = next((word for word in str(state.get("name", "")).split() if "/" in word), "")
    return [(symbol.lower(),) for symbol in named.split("/")]


def words(*values: int) -> bytes:
    """ABI words, two's complement."""
    return b"".join((value % 2**256).to_bytes(32, "big") for value in values)


def _uniswap_v2(state: Mapping[str, Any], at: int, to: int) -> Told:
    reserves = (state["reserves_token0"], state["reserves_token1"])
    if "fee_numer" in state:
        fee = Fraction(state["fee_numer"], state["fee_denom"])
    else:
        fee, other = Fraction(state["fee_token0"]), Fraction(state["fee_token1"])
        if fee != other:
            return _directional(reserves, fee, other)
    ratio = (fee.numerator, fee.denominator)

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        directed = reserves if zero_for_one else reserves[::-1]
        ask = constant_product.quote if exact_in else constant_product.quote_out
        return _both(exact_in, amount, ask(*directed, *ratio, amount))

    snapshot = words(reserves[0] | reserves[1] << 112)
    return Told(curve="constant_product", decoder="uniswap_v2", snapshot=snapshot, twin=twin, fee=ratio)


def _directional(reserves: tuple[int, int], *shares: Fraction) -> Told:
    """A pair with another fee in each direction, in Camelot's layout."""
    fees = [share * CAMELOT_UNIT for share in shares]
    if any(fee.denominator != 1 or fee.numerator >> 16 for fee in fees):
        raise ValueError("fees that Camelot's layout cannot hold")
    pair = pairs.Pair(reserves=reserves, fees=(fees[0].numerator, fees[1].numerator), den=CAMELOT_UNIT)

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        if exact_in:
            return _both(True, amount, pairs.directional(pair, zero_for_one, amount))
        fee = (pair.fee(zero_for_one), pair.den)
        return _both(False, amount, constant_product.quote_out(*pair.directed(zero_for_one), *fee, amount))

    packed = reserves[0] | reserves[1] << 112 | pair.fees[0] << 224 | pair.fees[1] << 240
    return Told(
        curve="constant_product_directional", decoder="camelot", snapshot=words(packed, 1, 1, 0), twin=twin,
        fee=(0, CAMELOT_UNIT),
    )  # fmt: skip


def _solidly(state: Mapping[str, Any], at: int, to: int) -> Told:
    reserves, stable = (state["reserves_token0"], state["reserves_token1"]), bool(state["stable"])
    scale = (10 ** state["token0"]["decimals"], 10 ** state["token1"]["decimals"])
    pair = pairs.Pair(reserves=reserves, scale=scale, fees=(state["fee_raw"],) * 2)
    ask = pairs.solidly_stable if stable else pairs.volatile

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        return _both(exact_in, amount, ask(pair, zero_for_one, amount)) if exact_in else "unsupported"

    return Told(
        curve="solidly_stable" if stable else "solidly_volatile", decoder="solidly",
        snapshot=words(*scale, *reserves, stable, 0, 0), twin=twin, fee=(state["fee_raw"], pair.den),
    )  # fmt: skip


def _uniswap_v3(state: Mapping[str, Any], at: int, to: int) -> Told:
    scalars = state["scalars"]
    price, tick, liquidity = scalars["sqrt_price_x96"], scalars["tick"], scalars["liquidity"]
    ticks = {int(held): (gross, net) for held, (gross, net, *_) in state["tick_data"].items()}
    pool = concentrated.Pool(
        sqrt_price_x96=price, tick=tick, liquidity=liquidity, fee_pips=scalars["fee"],
        tick_spacing=scalars["tick_spacing"], net={held: net for held, (_, net) in ticks.items()},
    )  # fmt: skip
    snapshot = words(price | (tick % 2**24) << 160, liquidity)
    for held, (gross, net) in ticks.items():
        snapshot += held.to_bytes(4, "big", signed=True) + words(gross | (net % 2**128) << 128)

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        return concentrated_swaps.fill(pool, zero_for_one, exact_in, amount) or "refused"

    return Told(
        curve="concentrated", decoder="uniswap_v3", snapshot=snapshot, twin=twin,
        fee=(pool.fee_pips, concentrated.MILLION), spacing=pool.tick_spacing,
    )  # fmt: skip


def _curve(state: Mapping[str, Any], at: int, to: int) -> Told:
    choices = state.get("strategies") or {}
    if any(state.get("use_lending") or ()) or choices.get("swap_style", 1) not in _CURVE_FEES:
        raise ValueError("a Curve pool whose rates are not those of its decimals")
    precision, product = _CURVE_PRODUCTS[choices.get("d_variant", 1)]
    pool = stableswap.Pool(
        balances=tuple(state["balances"]), rates=tuple(10 ** (36 - token["decimals"]) for token in state["tokens"]),
        amp=_amplification(state, precision), amp_precision=precision, fee=state["fee"], product=product,
        fee_step=_CURVE_FEES[choices.get("swap_style", 1)],
    )  # fmt: skip
    coins = (at, to)
    snapshot = words(
        len(pool.balances), *coins, pool.amp, precision, pool.fee, state.get("admin_fee", 0), pool.offpeg, product,
        pool.fee_step, *(word for coin in zip(pool.balances, pool.rates, strict=True) for word in coin),
    )  # fmt: skip

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        directed = coins if zero_for_one else coins[::-1]
        return _both(exact_in, amount, stableswap.quote(pool, *directed, amount)) if exact_in else "unsupported"

    return Told(curve="stableswap", decoder="curve", snapshot=snapshot, twin=twin)


_CURVE_PRODUCTS = {
    1: (100, stableswap.PLAIN), 2: (1, stableswap.PLAIN), 3: (1, stableswap.PLUS_ONE), 4: (100, stableswap.PLUS_ONE),
    5: (100, stableswap.LAST), 6: (100, stableswap.LAST),
}  # fmt: skip
"""Recorded kind of invariant -> precision of the amplification, rounding of the product."""
_CURVE_FEES = {1: stableswap.FEE_FIRST, 2: stableswap.FEE_LAST, 10: stableswap.FEE_FIRST}
"""Recorded kind of `get_dy` -> when the fee leaves."""


def _amplification(state: Mapping[str, Any], precision: int) -> int:
    """`_A()` at the block's time, with the contract's precision."""
    end = state.get("future_a_time") or 0
    if not state.get("future_a"):
        return int(state["a_coefficient"]) * precision
    before, after, start, now = state["initial_a"], state["future_a"], state["initial_a_time"], state["block_timestamp"]
    if now >= end:
        return int(after)
    moved = abs(after - before) * (now - start) // (end - start)
    return int(before + moved if after > before else before - moved)


def _balancer_weighted(state: Mapping[str, Any], at: int, to: int) -> Told:
    scale = [10 ** (36 - token["decimals"]) for token in state["tokens"]]
    pool = balancer.Weighted(
        balances=(state["balances"][at], state["balances"][to]), weights=(state["weights"][at], state["weights"][to]),
        scale=(scale[at], scale[to]), fee=_wads(state["fee"]), version={"v1": 1, "v2": 2}[state["pow_version"]],
    )  # fmt: skip
    sides = zip((at, to), pool.balances, pool.weights, pool.scale, strict=True)
    snapshot = words(*(word for token, *rest in sides for word in (token + 1, *rest)), pool.fee, pool.version)

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        ask = balancer.weighted_out if exact_in else balancer.weighted_in
        return _both(exact_in, amount, ask(pool, zero_for_one, amount))

    return Told(curve="balancer_weighted", decoder="balancer_v2", snapshot=snapshot, twin=twin)


def _balancer_stable(state: Mapping[str, Any], at: int, to: int) -> Told:
    own = state.get("bpt_idx")
    if own in (at, to):
        raise ValueError("a join or exit by the pool's own token")
    kept = [position for position in range(len(state["balances"])) if position != own]
    coins = (kept.index(at), kept.index(to))
    pool = balancer.Stable(
        balances=tuple(state["balances"][position] for position in kept),
        scale=tuple(state["resolved_scaling_factors"][position] for position in kept),
        amp=state["amp"], fee=_wads(state["fee"]), version=state["invariant_version"],
    )  # fmt: skip
    held = zip(kept, pool.balances, pool.scale, strict=True)
    snapshot = words(
        len(kept), *coins, pool.amp, pool.fee, pool.version, *(word for one, *rest in held for word in (one + 1, *rest))
    )

    def twin(zero_for_one: bool, exact_in: bool, amount: int) -> Fill:
        ask = balancer.stable_out if exact_in else balancer.stable_in
        return _both(exact_in, amount, ask(pool, *(coins if zero_for_one else coins[::-1]), amount))

    return Told(curve="balancer_stable", decoder="balancer_v2", snapshot=snapshot, twin=twin)


def _wads(share: str) -> int:
    return int(Fraction(share) * WAD)


def _both(exact_in: bool, amount: int, other: int | None) -> Fill:
    if other is None:
        return "refused"
    return (amount, other) if exact_in else (other, amount)


FAMILIES = (
    Family("curve", frozenset({"a_coefficient", "balances", "tokens"}), _curve),
    Family("balancer weighted", frozenset({"weights", "balances", "tokens"}), _balancer_weighted),
    Family("balancer stable", frozenset({"amp", "balances", "tokens"}), _balancer_stable),
    Family("uniswap v3", frozenset({"scalars", "tick_data"}), _uniswap_v3),
    Family("solidly", frozenset({"stable", "fee_raw", "reserves_token0"}), _solidly),
    Family("uniswap v2", frozenset({"reserves_token0", "reserves_token1"}), _uniswap_v2),
)
"""Tried in this order."""
