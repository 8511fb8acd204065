"""Small pure connectors, so that recipe tests do not depend on real ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from hoploop.model.market import Leg, PoolSnapshot, PoolSpec
from hoploop.plugin.connector import ChainScope, Connector, Costs, ItemConfig, Offer, OnChainConfig, Stability
from hoploop.plugin.fields import AssetId, DurationMs, Lamports, SecretRef, Share, Wei
from hoploop.plugin.kinds import FeeTerms, LenderTerms, Load, Loan, Order, RouteTerms
from hoploop.plugin.registry import Registry

Address = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{40}$", description="An address.")]


class ToyEvm(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A toy EVM chain."""

    chain_id: Annotated[int, Meta(ge=1, description="Chain id.")]
    gas_price: Annotated[Wei, Meta(description="Price of gas.")] = 1
    timeout: Annotated[DurationMs, Meta(ge=10, description="Longest wait.")] = 1000


class ToySolana(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A toy Solana chain."""

    genesis: Annotated[str, Meta(description="Genesis hash.")]


class ToyPool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One toy pool."""

    name: Annotated[str, Meta(description="Name of the pool.", pattern="^[a-z0-9_]{1,40}$")]
    address: Address
    token0: Annotated[AssetId, Meta(description="First token.")]
    token1: Annotated[AssetId, Meta(description="Second token.")]


class ToyPairs(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Toy constant-product pools."""

    fee: Annotated[Share, Meta(description="Swap fee.")]
    pools: Annotated[tuple[ToyPool, ...], Meta(min_length=1, description="The pools.")]


class ToyLend(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A toy lender."""

    assets: Annotated[tuple[AssetId, ...], Meta(description="What it lends.")]


class ToyPublic(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A toy public route."""


class ToyRelay(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A toy private route."""

    url: Annotated[str, Meta(description="Where it is.")]
    key: Annotated[SecretRef, Meta(description="Who we are there.")]
    tip: Annotated[Lamports, Meta(description="Fixed tip.")] = 0


class Venue:
    """Pools as declared."""

    def __init__(self, config: ToyPairs, scope: ChainScope) -> None:
        self._config, self._scope = config, scope

    def pools(self) -> Sequence[PoolSpec]:
        return tuple(
            PoolSpec(
                id=f"{self._config.id}/{pool.name}",
                chain=self._scope.chain_id,
                venue=self._config.id,
                address=pool.address,
                asset0=pool.token0,
                asset1=pool.token1,
                curve="constant_product",
                decoder="uniswap_v2",
                fee_num=self._config.fee.num,
                fee_den=self._config.fee.den,
                units=90_000,
                doors=(bytes.fromhex(pool.address[2:]) + bytes(32),),
            )
            for pool in self._config.pools
        )

    async def snapshot(self, client: Any, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        return [PoolSnapshot(pool.id, 1, bytes(64)) for pool in pools]

    def swap(self, leg: Leg) -> Sequence[object]:
        return [("swap", leg.pool, leg.zero_for_one, leg.amount_in)]


class Lender:
    """Lends what the config says, at 9 bps."""

    def __init__(self, config: ToyLend, scope: ChainScope) -> None:
        self._config = config

    def terms(self) -> LenderTerms:
        return LenderTerms(
            assets=self._config.assets, fee_num=9, fee_den=10_000, rounding="up", min_fee=0, units=50_000
        )

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        return Loan(before=(("borrow", asset, amount),), after=(("repay", asset, amount + fee),))

    async def available(self, client: Any, asset: str) -> int:
        return 10**24


class Nothing:
    """What needs a wire is never used in these tests; as a route it asks for nothing."""

    def __init__(self, config: object, context: object) -> None:
        self.config, self.context = config, context

    def terms(self) -> RouteTerms:
        return RouteTerms(atomic=True)


def toy_costs(config: ToyEvm | ToySolana) -> Costs:
    """Gas at its price, three halves of it at most."""
    price = config.gas_price if isinstance(config, ToyEvm) else 1
    return Costs(
        fee=FeeTerms(base_fee=5, base_units=21_000, price_num=price, price_den=1, most_num=3, most_den=2)
    )


def relay_costs(config: ToyRelay) -> Costs:
    """Its tip; what fails never lands."""
    return Costs(max_tip=config.tip, atomic=True)


def toy_measure(config: ToyEvm, scope: ChainScope, order: Order) -> tuple[Load, ...]:
    """100 bytes a step, 200 for a loan, 300 for a tip: not both with two swaps."""
    extras = (200 if order.loan is not None else 0) + (300 if order.tip else 0)
    return (Load("bytes", 100 * len(order.steps) + extras, 650),)


def check_pairs(config: ToyPairs, scope: ChainScope) -> list[str]:
    """Pools must not be called `bad`."""
    return [
        f"pools[{index}].name: a pool cannot be called bad"
        for index, pool in enumerate(config.pools)
        if pool.name == "bad"
    ]


def _connector(key: str, family: Any, *offers: Offer) -> Connector:
    return Connector(key=key, family=family, stability=Stability.ALPHA, title=f"Toy {key}", offers=offers)


TOYS = (
    _connector(
        "toy_evm",
        "evm",
        Offer(kind="chain", config=ToyEvm, factory=Nothing, costs=toy_costs, measure=toy_measure),
    ),
    _connector("toy_solana", "solana", Offer(kind="chain", config=ToySolana, factory=Nothing, costs=toy_costs)),
    _connector("toy_pairs", "evm", Offer(kind="venue", config=ToyPairs, factory=Venue, check=check_pairs)),
    _connector("toy_lend", "evm", Offer(kind="lender", config=ToyLend, factory=Lender)),
    _connector("toy_public", "evm", Offer(kind="route", config=ToyPublic, factory=Nothing)),
    _connector("toy_relay", "solana", Offer(kind="route", config=ToyRelay, factory=Nothing, costs=relay_costs)),
    _connector("toy_private", "evm", Offer(kind="route", config=ToyRelay, factory=Nothing, costs=relay_costs)),
)


def toy_registry() -> Registry:
    """A registry of nothing but toys."""
    return Registry(TOYS)


GOOD = """\
recipe: toy
mode: paper

chains:
  - id: eth
    connector: toy_evm
    chain_id: 31337
    endpoint: embedded
    embedded: {seed: 7, block_time: 500ms}
    key: ${secret:embedded/evm_executor}
    owner: "0x00000000000000000000000000000000000000aa"
    gas_price: "2 gwei"

assets:
  - id: weth
    chain: eth
    address: "0x00000000000000000000000000000000000000e0"
    symbol: WETH
    decimals: 18
    wraps_native: true
  - {id: usdc, chain: eth, address: "0x00000000000000000000000000000000000000e1", symbol: USDC, decimals: 6}

venues:
  - id: left
    connector: toy_pairs
    chain: eth
    fee: 30bps
    pools:
      - {name: one, address: "0x0000000000000000000000000000000000000001", token0: weth, token1: usdc}
  - id: right
    connector: toy_pairs
    chain: eth
    fee: 0.25%
    pools:
      - {name: two, address: "0x0000000000000000000000000000000000000002", token0: weth, token1: usdc}

lenders:
  - {id: bank, connector: toy_lend, chain: eth, assets: [weth]}

routes:
  - {id: public, connector: toy_public, chain: eth}
  - {id: private, connector: toy_private, chain: eth, url: embedded, key: "${secret:embedded/relay_identity}"}

strategies:
  - id: cycles
    chain: eth
    base: weth
    lenders: [bank]
    routes: {order: [private, public]}
    size: {max_notional: "50 WETH"}
    profit: {min: "0.0005 WETH"}

risk:
  daily_loss: {weth: "1 WETH"}
"""
"""A recipe without findings; tests break one thing at a time."""
