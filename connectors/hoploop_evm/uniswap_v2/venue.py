"""Uniswap V2 pairs: constant product, priced from slot 8 and `Sync`."""

from __future__ import annotations

from collections.abc import Sequence

from hoploop.model.market import Leg, PoolSnapshot, PoolSpec
from hoploop.plugin.connector import ChainScope
from hoploop_evm._shared.node import Node, Storage
from hoploop_evm._shared.pairs import problems_of_pairs, verify_tokens
from hoploop_evm._shared.steps import Amounts, SwapKind, SwapStep
from hoploop_evm._shared.words import address_bytes
from hoploop_evm.uniswap_v2.config import UniswapV2Config
from hoploop_evm.uniswap_v2.layout import RESERVES_SLOT, SYNC


class UniswapV2:
    """Pairs of one deployment."""

    def __init__(self, config: UniswapV2Config, scope: ChainScope) -> None:
        self._scope = scope
        self._pools = tuple(
            PoolSpec(
                id=f"{config.id}/{pair.name}",
                chain=scope.chain_id,
                venue=config.id,
                address=pair.address,
                asset0=pair.token0,
                asset1=pair.token1,
                curve="constant_product",
                decoder="uniswap_v2",
                fee_num=config.fee.num,
                fee_den=config.fee.den,
                units=config.gas,
                doors=(address_bytes(pair.address, pair.name) + SYNC,),
            )
            for pair in config.pools
        )
        self._by_id = {pool.id: pool for pool in self._pools}

    def pools(self) -> Sequence[PoolSpec]:
        return self._pools

    async def snapshot(self, client: Node, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        """Slot 8 of every pair at one block, after all of that block's logs."""
        head = await client.head()
        await verify_tokens(client, head, self._scope, pools)
        reserves = await client.storage(head, [Storage(pool.address, RESERVES_SLOT) for pool in pools])
        seq = head.number << 20 | 0xFFFFF
        return [PoolSnapshot(pool.id, seq, word) for pool, word in zip(pools, reserves, strict=True)]

    def swap(self, leg: Leg) -> Sequence[SwapStep]:
        """The pair is asked for exactly the quoted output and paid at most the quoted input."""
        pool = self._by_id[leg.pool]
        token_out = address_bytes(self._scope.assets[leg.asset_out].address, leg.asset_out)
        address = address_bytes(pool.address, pool.id)
        amounts = (leg.amount_in, leg.amount_out)
        return (SwapStep(SwapKind.V2, address, token_out, *amounts, pool.doors, Amounts.QUOTED),)


def check(config: UniswapV2Config, scope: ChainScope) -> list[str]:
    """Offline problems of the venue item."""
    problems = problems_of_pairs(config.pools, scope)
    if config.fee.num >= config.fee.den:
        problems.append("fee: must be below 100%")
    return problems
