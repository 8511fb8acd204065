"""Uniswap V3 pools: concentrated liquidity, read whole from storage and followed by Swap, Mint and Burn."""

from __future__ import annotations

from collections.abc import Sequence

from hoploop.model.chain import Head
from hoploop.model.market import Leg, PoolSnapshot, PoolSpec
from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared.node import CallTo, Node, Storage, contradiction
from hoploop_evm._shared.pairs import problems_of_pairs, verify_tokens
from hoploop_evm._shared.steps import TAKE_ALL, Amounts, SwapKind, SwapStep
from hoploop_evm._shared.words import address_bytes, call_data, words
from hoploop_evm.uniswap_v3 import layout
from hoploop_evm.uniswap_v3.config import Pool, UniswapV3Config

PIPS = 1_000_000
FEE, TICK_SPACING = call_data("fee()"), call_data("tickSpacing()")


class UniswapV3:
    """Pools of one deployment."""

    def __init__(self, config: UniswapV3Config, scope: ChainScope) -> None:
        self._scope = scope
        self._pools = tuple(_spec(pool, config, scope) for pool in config.pools)
        self._by_id = {pool.id: pool for pool in self._pools}

    def pools(self) -> Sequence[PoolSpec]:
        return self._pools

    async def snapshot(self, client: Node, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        """Price, liquidity and every initialized tick of every pool at one block, after all of that block's logs."""
        head = await client.head()
        await verify_tokens(client, head, self._scope, pools)
        await _verify_fees(client, head, pools)
        seq = head.number << 20 | 0xFFFFF
        return [PoolSnapshot(pool.id, seq, await _read(client, head, pool)) for pool in pools]

    def swap(self, leg: Leg) -> Sequence[SwapStep]:
        """Exact input of whatever was delivered; the profit check decides whether the output was enough."""
        pool = self._by_id[leg.pool]
        token_out = address_bytes(self._scope.assets[leg.asset_out].address, leg.asset_out)
        address = address_bytes(pool.address, pool.id)
        return (SwapStep(SwapKind.V3, address, token_out, TAKE_ALL, 0, pool.doors, Amounts.FIXED),)


def check(config: UniswapV3Config, scope: ChainScope) -> list[str]:
    """Offline problems of the venue item."""
    problems = problems_of_pairs(config.pools, scope)
    for index, pool in enumerate(config.pools):
        if pool.fee.num * PIPS % pool.fee.den or pool.fee.num >= pool.fee.den:
            problems.append(f"pools[{index}].fee: must be a whole number of pips (millionths) below 100%")
    return problems


def _spec(pool: Pool, config: UniswapV3Config, scope: ChainScope) -> PoolSpec:
    address = address_bytes(pool.address, pool.name)
    return PoolSpec(
        id=f"{config.id}/{pool.name}",
        chain=scope.chain_id,
        venue=config.id,
        address=pool.address,
        asset0=pool.token0,
        asset1=pool.token1,
        curve="concentrated",
        decoder="uniswap_v3",
        fee_num=pool.fee.num * PIPS // pool.fee.den,
        fee_den=PIPS,
        units=config.gas,
        doors=tuple(address + topic for topic in layout.TOPICS),
        tick_spacing=pool.tick_spacing,
    )


async def _verify_fees(client: Node, head: Head, pools: Sequence[PoolSpec]) -> None:
    answers = await client.view(head, [CallTo(pool.address, ask) for pool in pools for ask in (FEE, TICK_SPACING)])
    for at, pool in enumerate(pools):
        fee = words(answers[2 * at], 1, "fee()")[0]
        spacing = words(answers[2 * at + 1], 1, "tickSpacing()")[0]
        if fee != pool.fee_num:
            raise contradiction(f"{pool.id} fee in pips", pool.fee_num, fee)
        if spacing != pool.tick_spacing:
            raise contradiction(f"{pool.id} tick_spacing", pool.tick_spacing, spacing)


async def _read(client: Node, head: Head, pool: PoolSpec) -> bytes:
    positions = layout.word_positions(pool.tick_spacing)
    slots = [layout.SLOT0, layout.LIQUIDITY, *(layout.bitmap_slot(position) for position in positions)]
    slot0, liquidity, *bitmap = await client.storage(head, [Storage(pool.address, slot) for slot in slots])
    ticks = list(layout.initialized_ticks(positions, bitmap, pool.tick_spacing))
    found = await client.storage(head, [Storage(pool.address, layout.tick_slot(tick)) for tick in ticks])
    return layout.snapshot(slot0, liquidity, list(zip(ticks, found, strict=True)))
