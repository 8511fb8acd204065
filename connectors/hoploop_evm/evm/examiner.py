"""Compares a recipe with its EVM chain: contracts, tokens, fees, clock; no key, nothing sent."""

from __future__ import annotations

from collections.abc import Mapping

from hoploop.errors import DecodeError
from hoploop.model.money import Asset
from hoploop.plugin.connector import ExaminerContext
from hoploop.plugin.kinds import Doubt, Examined, Order
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.node import block_time
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.words import call_data, data, quantity, words
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.view import ChainView

MOST_SKEW_S = 120
"""The slowest blocks, and what proposers may shift them by."""
_DECIMALS = call_data("decimals()")


class EvmExaminer:
    """One node, asked on behalf of an owner whose key is not needed."""

    def __init__(self, config: EvmConfig, context: ExaminerContext) -> None:
        self._config, self._scope, self._embedded = config, context.scope, context.embedded
        self._rpc = Rpc(context.endpoint, timeout_ms=config.timeout)
        self._client = EvmClient(config, context.scope.owner, self._rpc, ChainView())

    @property
    def client(self) -> EvmClient:
        """Asks the node."""
        return self._client

    async def examine(self, wall_ns: int, orders: Mapping[str, Order]) -> Examined:
        """The executor is a contract, assets are tokens with these decimals, the gas price is above the base fee, the
        clock is this machine's."""
        code, block = await self._rpc.many(
            [("eth_getCode", [self._config.executor, "latest"]), ("eth_getBlockByNumber", ["latest", False])]
        )
        doubts = []
        if not data(code, "code"):
            doubts.append(Doubt(message="there is no contract at this address", field="executor"))
        for asset in self._scope.assets.values():
            doubts += await self._asset(asset)
        base = quantity(block.get("baseFeePerGas", "0x0"), "a block's base fee")
        price = self._config.fees.gas_price
        if price < base:
            message = f"{price} wei is below the base fee of the newest block, {base} wei: nothing would be included"
            doubts.append(Doubt(code="R397", message=message, field="fees.gas_price", warning=True))
        off = block_time(block) - wall_ns // 10**9
        if not self._embedded and abs(off) > MOST_SKEW_S:
            side = "ahead of" if off > 0 else "behind"
            doubts.append(Doubt(code="R454", message=f"the newest block is {abs(off)} s {side} our clock"))
        return Examined(tuple(doubts), (f"base fee {base} wei, we pay {price} wei",))

    async def close(self) -> None:
        """Drop the connections."""
        await self._client.close()

    async def _asset(self, asset: Asset) -> list[Doubt]:
        ask = {"to": asset.address, "data": _DECIMALS}
        try:
            answer = data(await self._rpc.read("eth_call", ask, "latest"), "decimals")
            decimals = words(answer, 1, "decimals")[0]
        except (NodeError, DecodeError):
            return [Doubt(message="this is no token: it does not say its decimals", field="address", asset=asset.id)]
        if decimals == asset.decimals:
            return []
        message = f"the token has {decimals} decimals, the recipe says {asset.decimals}"
        return [Doubt(message=message, field="decimals", asset=asset.id)]
