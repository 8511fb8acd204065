"""Asks one EVM chain: what a transaction would do, what became of it, what we hold."""

from __future__ import annotations

from typing import Any

from hoploop.errors import TransientError
from hoploop.model.chain import ChainFacts, Outcome, SignedTx, Simulation
from hoploop.plugin.kinds import Permit
from hoploop_evm._shared.http import Http
from hoploop_evm._shared.node import Node, block_head, block_time
from hoploop_evm._shared.rpc import Rpc, plain
from hoploop_evm._shared.words import address_bytes, call_data, data, padded, quantity, words
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.outcome import Settler
from hoploop_evm.evm.simulate import Simulator
from hoploop_evm.evm.view import ChainView


class EvmClient(Node):
    """One chain's client; also what venues, lenders and routes of the family are handed as `client`."""

    def __init__(self, config: EvmConfig, owner: str, rpc: Rpc, view: ChainView) -> None:
        super().__init__(rpc)
        self._config, self._owner, self._view = config, owner, view
        self._executor = address_bytes(config.executor, "executor")
        self._simulator = Simulator(rpc)
        self._settler = Settler(rpc, view, owner, self._executor)
        self.http = Http(timeout_ms=config.timeout)

    def __repr__(self) -> str:
        return f"EvmClient({self._config.chain_id})"

    async def open(self) -> ChainFacts:
        """Connect and ask who is there."""
        identity, block, software = await self._rpc.many(
            [("eth_chainId", []), ("eth_getBlockByNumber", ["latest", False]), ("web3_clientVersion", [])]
        )
        head = block_head(block)
        self._view.saw(head.number, block_time(block))
        return ChainFacts(identity=str(quantity(identity, "the chain id")), head=head, client=plain(software))

    async def simulate(self, tx: SignedTx) -> Simulation:
        """Run it on the newest state."""
        flight = self._view.flight(tx.id)
        if flight is None:
            raise TransientError("C101", f"{tx.id} was not signed by this process")
        return await self._simulator.run(flight.call, self._view)

    async def outcome(self, tx: SignedTx) -> Outcome | None:
        """What became of it; None while it may still land."""
        return await self._settler.outcome(tx)

    async def balance(self, asset_address: str) -> int:
        """Tokens of the executor contract; "" is the native coin of the signer, who pays the fees."""
        if not asset_address:
            return quantity(await self._rpc.read("eth_getBalance", self._owner, "latest"), "a balance")
        ask = {"to": asset_address, "data": call_data("balanceOf(address)", [padded(self._executor)])}
        return words(data(await self._rpc.read("eth_call", ask, "latest"), "a balance"), 1, "a balance")[0]

    async def send_raw(self, tx: SignedTx, permit: Permit) -> Any:
        """`eth_sendRawTransaction`, once. NodeError carries the node's refusal."""
        return await self._rpc.send("eth_sendRawTransaction", "0x" + tx.raw.hex(), permit=permit)

    async def resync(self) -> None:
        """Take head and nonce from the chain. A head older than the feed's is only late, not news."""
        count, block = await self._rpc.many(
            [("eth_getTransactionCount", [self._owner, "pending"]), ("eth_getBlockByNumber", ["latest", False])]
        )
        head = block_head(block)
        if head.number > self._view.head:
            self._view.saw(head.number, block_time(block))
        self._view.nonces.resync(quantity(count, "the nonce"), head.number)

    def head_number(self) -> int:
        """Newest block number heard of, without asking."""
        return self._view.head

    async def close(self) -> None:
        """Drop the connections."""
        self._rpc.close()
        await self.http.close()
