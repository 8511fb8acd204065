"""What a list of transactions would do on top of the latest block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from hoploop.local.evm.relay.transactions import RawTransaction
from hoploop.local.evm.rpc import IpcClient

# eth_simulateV1 reports coin transfers as logs of this address when asked to trace them.
_COIN = "0x" + "ee" * 20


class Refused(Exception):
    """The transactions cannot stand in a block in this order; `args[0]` is the reason."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one transaction; amounts in wei."""

    transaction: RawTransaction
    gas: int
    tip: int
    """Per gas."""
    sent_to_coinbase: int
    error: str
    """Empty on success."""
    output: str

    @property
    def paid(self) -> int:
        """All that the builder earns from it."""
        return self.gas * self.tip + self.sent_to_coinbase


class Simulator:
    """Runs transactions through the node without including them."""

    def __init__(self, rpc: IpcClient) -> None:
        self._rpc = rpc

    async def run(self, transactions: Sequence[RawTransaction]) -> list[Effect]:
        """Effects in order; Refused on a nonce gap or when the node does not take the list."""
        await self._check_nonces(transactions)
        calls = [transaction.call for transaction in transactions]
        request = {"blockStateCalls": [{"calls": calls}], "validation": True, "traceTransfers": True}
        answer = (await self._rpc.batch([("eth_simulateV1", (request, "latest"))]))[0]
        if isinstance(answer, Exception):
            raise Refused(str(answer)) from answer
        block = answer[0]
        base_fee = int(block["baseFeePerGas"], 16)
        pairs = zip(transactions, block["calls"], strict=True)
        return [_effect(transaction, result, base_fee, block["miner"]) for transaction, result in pairs]

    async def _check_nonces(self, transactions: Sequence[RawTransaction]) -> None:
        """eth_simulateV1 of anvil takes any nonce, even when asked to validate."""
        senders = list({transaction.sender: None for transaction in transactions})
        counts = await self._rpc.batch([("eth_getTransactionCount", (sender, "latest")) for sender in senders])
        expected = {sender: int(count, 16) for sender, count in zip(senders, counts, strict=True)}
        for transaction in transactions:
            sender, nonce = transaction.sender, transaction.nonce
            if nonce != expected[sender]:
                raise Refused(f"nonce {nonce} of {sender} is not {expected[sender]}")
            expected[sender] += 1


def _effect(transaction: RawTransaction, result: dict[str, Any], base_fee: int, miner: str) -> Effect:
    sent = sum(
        int(log["data"], 16)
        for log in result.get("logs", ())
        if log["address"].lower() == _COIN and log["topics"][2][-40:] == miner[2:].lower()
    )
    failed = int(result["status"], 16) == 0
    reason = (result.get("error") or {}).get("message") or "execution reverted"
    return Effect(
        transaction=transaction,
        gas=int(result["gasUsed"], 16),
        tip=transaction.tip(base_fee),
        sent_to_coinbase=sent,
        error=reason if failed else "",
        output=result.get("returnData", "0x"),
    )
