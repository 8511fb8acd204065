"""What a transaction would do in the next block: `eth_simulateV1`, or `eth_call` with `eth_estimateGas` without it."""

from __future__ import annotations

from typing import Any

from hoploop.errors import DecodeError
from hoploop.model.chain import Simulation
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.executor import profit_of_answer, reason
from hoploop_evm._shared.node import block_head, block_time
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.words import data, quantity
from hoploop_evm.evm.view import ChainView

_NO_METHOD = -32601
_OUT_OF_ORDER = (-38020, -38021)
"""Our idea of the next block is older than the node's head."""
_INVALID_TX = range(-38026, -38009)
"""Codes of execution-apis for a transaction that no block could hold: nonce, fee, funds, gas."""


class Simulator:
    """Remembers whether the node serves `eth_simulateV1`."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc
        self._bundles = True

    async def run(self, call: dict[str, str], view: ChainView) -> Simulation:
        """Exact sender, gas and fee fields, checked as the next block would; the nonce is left to the node.

        The next block is named (anvil would take the head's own number and time): contracts that write once a second
        then use the gas they will use in any later block.

        A nonce of ours may wait behind another transaction of ours that the node does not have (a bundle).
        """
        if self._bundles:
            try:
                return await self._simulated(call, view)
            except NodeError as error:
                if error.rpc_code in _INVALID_TX:
                    return Simulation(ok=False, units=0, error=error.text)
                if error.rpc_code != _NO_METHOD:
                    raise
                self._bundles = False
        return await self._called(call)

    async def _simulated(self, call: dict[str, str], view: ChainView) -> Simulation:
        try:
            blocks = await self._ask(call, view)
        except NodeError as error:
            if error.rpc_code not in _OUT_OF_ORDER:
                raise
            # A block's logs may arrive before its header.
            head = await self._rpc.read("eth_getBlockByNumber", "latest", False)
            view.saw(block_head(head).number, block_time(head))
            blocks = await self._ask(call, view)
        try:
            result = blocks[0]["calls"][0]
            units = quantity(result["gasUsed"], "gasUsed")
            answer = data(result["returnData"], "returnData")
            status = quantity(result["status"], "status")
        except (IndexError, KeyError, TypeError):
            raise DecodeError("C107", "eth_simulateV1: the answer has another shape") from None
        if status == 1:
            return Simulation(ok=True, units=units, gained=profit_of_answer(answer))
        return Simulation(ok=False, units=units, error=_failure(result, answer))

    async def _ask(self, call: dict[str, str], view: ChainView) -> Any:
        following = {"number": hex(view.head + 1), "time": hex(view.head_time + 1)}
        block = {"calls": [call], "blockOverrides": following}
        return await self._rpc.read("eth_simulateV1", {"blockStateCalls": [block], "validation": True}, "latest")

    async def _called(self, call: dict[str, str]) -> Simulation:
        try:
            answer, gas = await self._rpc.many([("eth_call", [call, "latest"]), ("eth_estimateGas", [call])])
        except NodeError as error:
            return Simulation(ok=False, units=0, error=revert_text(error))
        gained = profit_of_answer(data(answer, "eth_call"))
        return Simulation(ok=True, units=quantity(gas, "eth_estimateGas"), gained=gained)


def revert_text(error: NodeError) -> str:
    """A node's revert error in words."""
    raw: Any = error.data
    if isinstance(raw, dict):
        raw = raw.get("data")
    try:
        return reason(data(raw, "revert data"))
    except DecodeError:
        return error.text


def _failure(result: dict[str, Any], answer: bytes) -> str:
    """anvil and geth put revert data in `returnData`, reth in `error.data`; out of gas has words only."""
    error = result.get("error")
    if answer:
        return reason(answer)
    if not isinstance(error, dict):
        return reason(b"")
    return revert_text(NodeError("eth_simulateV1", 0, str(error.get("message", ""))[:200], error.get("data")))
