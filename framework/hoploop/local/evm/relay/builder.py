"""Builds each block: bundles first, whole or not at all, then the public mempool, of which nothing is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from hoploop.local.evm.relay.bundles import Bundle, BundlePool
from hoploop.local.evm.relay.gateway import Gateway
from hoploop.local.evm.relay.simulator import Effect, Refused, Simulator
from hoploop.local.evm.relay.transactions import RawTransaction, decode_transaction
from hoploop.local.evm.rpc import IpcClient, RpcError

_MOST_BUNDLES = 32

Mempool = dict[tuple[str, int], str]
"""(sender, nonce) -> hash of what the node holds."""


class Builder:
    """Mines one block at a time on a node that mines only when told to and takes transactions first in, first out.

    Public transactions sit in the node's own pool. A bundle is submitted behind them, then every public transaction
    in the pool is dropped and submitted again, so that it follows the bundle. Meanwhile the gateway holds new ones
    back: dropping a transaction silently drops those that follow it by nonce, and one not seen before would be lost.
    """

    def __init__(self, rpc: IpcClient, pool: BundlePool, gateway: Gateway) -> None:
        self._rpc = rpc
        self._pool = pool
        self._gateway = gateway
        self._simulator = Simulator(rpc)
        self._log = structlog.get_logger("builder")

    async def build(self) -> int:
        """Mine the next block; its number."""
        block = int(await self._rpc.call("eth_blockNumber"), 16) + 1
        due = self._pool.due(block)
        packed = await self._pack(due[:_MOST_BUNDLES]) if due else []
        if not packed:
            await self._rpc.call("evm_mine")
            return block
        async with self._gateway.held():
            await self._submit(packed)
            await self._rpc.call("evm_mine")
        await self._verify(block, packed)
        return block

    async def _pack(self, due: Sequence[Bundle]) -> list[tuple[Bundle, tuple[RawTransaction, ...]]]:
        """Choose bundles, best paying first: (bundle, the public transactions of its senders that must precede it)."""
        mempool = await self._mempool()
        packed: list[tuple[Bundle, tuple[RawTransaction, ...]]] = []
        ahead: list[RawTransaction] = []
        waiting = await self._by_price(due)
        progress = True
        while progress:  # one that needs another's nonce gets its turn after it
            progress = False
            for bundle in list(waiting):
                try:
                    before = await self._needed_before(bundle, ahead, mempool)
                    effects = await self._simulator.run([*ahead, *before, *bundle.transactions])
                    _accept(bundle, effects)
                except (Refused, ValueError) as refused:
                    self._pool.note(bundle, str(refused))
                    continue
                ahead += [*before, *bundle.transactions]
                packed.append((bundle, before))
                waiting.remove(bundle)
                progress = True
        return packed

    async def _by_price(self, due: Sequence[Bundle]) -> list[Bundle]:
        prices: list[tuple[int, Bundle]] = []
        for bundle in due:
            try:
                effects = await self._simulator.run(bundle.transactions)
                price = sum(effect.paid for effect in effects) // max(1, sum(effect.gas for effect in effects))
            except Refused:  # alone; behind another it may do
                price = min(transaction.max_tip for transaction in bundle.transactions)
            prices.append((price, bundle))
        return [bundle for _, bundle in sorted(prices, key=lambda pair: -pair[0])]

    async def _needed_before(
        self, bundle: Bundle, ahead: Sequence[RawTransaction], mempool: Mempool
    ) -> tuple[RawTransaction, ...]:
        """Public transactions that fill the gap between the account's nonce and the bundle's first."""
        needed: list[str] = []
        have = {(transaction.sender, transaction.nonce) for transaction in [*ahead, *bundle.transactions]}
        for sender in dict.fromkeys(transaction.sender for transaction in bundle.transactions):
            lowest = min(transaction.nonce for transaction in bundle.transactions if transaction.sender == sender)
            nonces = sorted(nonce for owner, nonce in mempool if owner == sender and nonce < lowest)
            needed += [mempool[sender, nonce] for nonce in nonces if (sender, nonce) not in have]
        return tuple(decode_transaction(raw) for raw in await self._raw(needed) if raw)

    async def _submit(self, packed: Sequence[tuple[Bundle, tuple[RawTransaction, ...]]]) -> None:
        """Bundles, then the public transactions behind them."""
        ours = [transaction for bundle, _ in packed for transaction in bundle.transactions]
        keep = {transaction.hash for _, before in packed for transaction in before}
        keep |= {transaction.hash for transaction in ours}
        mempool = await self._mempool()
        rivals = [mempool.get((transaction.sender, transaction.nonce)) for transaction in ours]
        await self._drop([name for name in rivals if name and name not in keep])
        await self._rpc.batch([("eth_sendRawTransaction", (transaction.raw,)) for transaction in ours])
        mempool = await self._mempool()
        names = [mempool[place] for place in sorted(mempool, key=lambda place: place[1]) if mempool[place] not in keep]
        raws = await self._raw(names)
        await self._drop(names)
        await self._rpc.batch([("eth_sendRawTransaction", (raw,)) for raw in raws if raw])

    async def _drop(self, names: Sequence[str]) -> None:
        await self._rpc.batch([("anvil_dropTransaction", (name,)) for name in names])

    async def _mempool(self) -> Mempool:
        """What could go into a block; transactions behind a nonce gap are left where they are."""
        accounts = (await self._rpc.call("txpool_content"))["pending"].items()
        return {(sender.lower(), int(nonce)): held["hash"] for sender, by in accounts for nonce, held in by.items()}

    async def _raw(self, names: Sequence[str]) -> list[Any]:
        answers = await self._rpc.batch([("eth_getRawTransactionByHash", (name,)) for name in names])
        return [None if isinstance(answer, RpcError) else answer for answer in answers]

    async def _verify(self, block: int, packed: Sequence[tuple[Bundle, tuple[RawTransaction, ...]]]) -> None:
        """Note what really happened; a bundle that did not land whole is an error in this builder and logged as one."""
        for bundle, _ in packed:
            names = [transaction.hash for transaction in bundle.transactions]
            receipts = await self._rpc.batch([("eth_getTransactionReceipt", (name,)) for name in names])
            whole = all(receipt and int(receipt["blockNumber"], 16) == block for receipt in receipts)
            good = whole and all(
                receipt["status"] == "0x1" or name in bundle.may_revert
                for name, receipt in zip(names, receipts, strict=True)
            )
            self._pool.remove(bundle, f"included in {block}" if good else f"broken in {block}")
            if not good:
                await self._drop(names)
                self._log.error("bundle broken", block=block, bundle=bundle.hash, whole=whole)


def _accept(bundle: Bundle, effects: Sequence[Effect]) -> None:
    for effect in effects[-len(bundle.transactions) :]:
        if effect.error and effect.transaction.hash not in bundle.may_revert:
            raise Refused(f"{effect.transaction.hash} fails: {effect.error}")
