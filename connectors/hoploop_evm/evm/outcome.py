"""The chain's final word on a transaction of ours."""

from __future__ import annotations

from typing import Any

from hoploop.errors import DecodeError
from hoploop.model.chain import Outcome, SignedTx
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.executor import profit_of_logs
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.words import address_text, data, quantity
from hoploop_evm.evm.simulate import revert_text
from hoploop_evm.evm.view import ChainView, Flight

Log = tuple[bytes, tuple[bytes, ...], bytes]


class Settler:
    """Looks a transaction up by its hash; what it remembers of it only adds `first` and the revert reason."""

    def __init__(self, rpc: Rpc, view: ChainView, owner: str, executor: bytes) -> None:
        self._rpc, self._view, self._owner, self._executor = rpc, view, owner, executor

    async def outcome(self, tx: SignedTx) -> Outcome | None:
        """None while it may still land."""
        # Nonce and head are answered before the receipt is asked for: absent afterwards means absent at that head.
        count, head = await self._rpc.many(
            [("eth_getTransactionCount", [self._owner, "latest"]), ("eth_blockNumber", [])]
        )
        known, receipt = await self._rpc.many(
            [("eth_getTransactionByHash", [tx.id]), ("eth_getTransactionReceipt", [tx.id])]
        )
        if receipt is not None:
            return await self._mined(tx, receipt)
        number = quantity(head, "the block number")
        consumed = quantity(count, "the nonce") > tx.nonce
        # Past its deadline the contract refuses it, but while a node still holds it, it can cost a fee.
        if known is not None or (number <= tx.expires and not consumed):
            return None
        self._view.ends(tx.id)
        return Outcome(status="expired", number=number)

    async def _mined(self, tx: SignedTx, receipt: Any) -> Outcome:
        if not isinstance(receipt, dict):
            raise DecodeError("C107", "a receipt is not an object")
        number = quantity(receipt.get("blockNumber"), "a receipt's block")
        units = quantity(receipt.get("gasUsed"), "a receipt's gas")
        fee = units * quantity(receipt.get("effectiveGasPrice"), "a receipt's gas price")
        landed = quantity(receipt.get("status"), "a receipt's status") == 1
        flight = self._view.flight(tx.id)
        return Outcome(
            status="landed" if landed else "reverted",
            number=number,
            gained=profit_of_logs(self._executor, [log_parts(log) for log in receipt.get("logs", [])]),
            network_fee=fee,
            units=units,
            first=None if flight is None else await self._was_first(flight, _turn(receipt)),
            error="" if landed else await self._why(tx, number, flight),
        )

    async def _was_first(self, flight: Flight, ours: tuple[int, int]) -> bool:
        """True when no transaction before ours moved the route's pools since the quotes."""
        wanted = {
            "fromBlock": hex(flight.seq >> 20),
            "toBlock": hex(ours[0]),
            "address": sorted({address_text(door[:20]) for door in flight.doors}),
            "topics": [sorted({"0x" + door[20:].hex() for door in flight.doors})],
        }
        logs = await self._rpc.read("eth_getLogs", wanted)
        if not isinstance(logs, list):
            raise DecodeError("C107", "eth_getLogs: not a list")
        for log in logs:
            address, topics, _ = log_parts(log)
            moved = bool(topics) and address + topics[0] in flight.doors
            if moved and flight.seq < _seq(log) and _turn(log) < ours:
                return False
        return True

    async def _why(self, tx: SignedTx, number: int, flight: Flight | None) -> str:
        """The revert reason: by the deadline, or by asking again on the state before that block."""
        if number > tx.expires:
            return f"Expired({tx.expires})"
        if flight is None:
            return "reverted"
        try:
            await self._rpc.read("eth_call", flight.call, hex(number - 1))
        except NodeError as error:
            return revert_text(error)
        return "reverted: the pools moved earlier in the same block"


def log_parts(log: Any) -> Log:
    """(address, topics, data) of a log as nodes send it."""
    if not isinstance(log, dict) or not isinstance(log.get("topics"), list):
        raise DecodeError("C107", "a log is not an object with topics")
    topics = tuple(data(topic, "a topic", 32) for topic in log["topics"][:4])
    return data(log.get("address"), "a log's address", 20), topics, data(log.get("data"), "a log's data")


def _seq(log: dict[str, Any]) -> int:
    return quantity(log.get("blockNumber"), "a log's block") << 20 | quantity(log.get("logIndex"), "a log's index")


def _turn(item: dict[str, Any]) -> tuple[int, int]:
    """(block, place of the transaction in it) of a log or a receipt."""
    number = quantity(item.get("blockNumber"), "a block number")
    return number, quantity(item.get("transactionIndex"), "a transaction's index")
