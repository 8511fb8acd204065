"""Queue of deployment transactions from one owner with known nonces, sent and mined in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_utils.address import to_checksum_address

from hoploop.errors import LocalError
from hoploop.local.evm.contracts import Artifact, create_address
from hoploop.local.evm.rpc import IpcClient, RpcError

_TX_GAS = hex(14_000_000)
_GAS_PRICE = hex(10_000_000_000)
_MOST_BLOCKS = 64


class Deployer:
    """Creates contracts and calls them as an impersonated owner on a chain where nothing mines by itself.

    `deploy` answers with the address at once, since it follows from owner and nonce; `flush` sends what is queued.
    """

    def __init__(self, rpc: IpcClient, owner: str) -> None:
        self._rpc = rpc
        self.owner = owner
        self._nonce = 0
        self._queue: list[tuple[str, dict[str, str]]] = []

    def deploy(self, artifact: Artifact, *args: Any, libraries: Mapping[str, str] | None = None) -> str:
        """Queue a creation; the checksummed address it will have."""
        address = to_checksum_address(create_address(self.owner, self._nonce))
        self._add("creation", {"data": "0x" + artifact.creation_code(*args, libraries=libraries).hex()})
        return address

    def deploy_code(self, code: bytes) -> str:
        """Queue a creation from raw creation code."""
        address = to_checksum_address(create_address(self.owner, self._nonce))
        self._add("creation", {"data": "0x" + code.hex()})
        return address

    def send(self, artifact: Artifact, to: str, function: str, *args: Any, value: int = 0) -> None:
        """Queue a call that changes state."""
        data = "0x" + artifact.call_data(function, *args).hex()
        self._add(function, {"to": to, "data": data, "value": hex(value)})

    async def call(self, artifact: Artifact, to: str, function: str, *args: Any) -> tuple[Any, ...]:
        """Flush, then read; decoded outputs."""
        await self.flush()
        request = {"to": to, "data": "0x" + artifact.call_data(function, *args).hex()}
        answer = await self._rpc.call("eth_call", request, "latest")
        return artifact.results(function, bytes.fromhex(answer[2:]))

    async def flush(self) -> None:
        """Send everything queued and mine until each has a good receipt; X111 naming the one that failed."""
        queue, self._queue = self._queue, []
        hashes = await self._rpc.batch([("eth_sendTransaction", (request,)) for _, request in queue])
        refused = next((answer for answer in hashes if isinstance(answer, RpcError)), None)
        if refused is not None:
            raise refused
        for _ in range(_MOST_BLOCKS):
            await self._rpc.call("evm_mine")
            receipts = await self._rpc.batch([("eth_getTransactionReceipt", (name,)) for name in hashes])
            if all(receipts):
                break
        for (what, request), receipt in zip(queue, receipts, strict=True):
            if not receipt or receipt["status"] != "0x1":
                place = f"nonce {int(request['nonce'], 16)}"
                raise LocalError("X111", f"{what} at {place} failed: {receipt or 'not mined'}")

    def _add(self, what: str, fields: dict[str, str]) -> None:
        fields |= {"from": self.owner, "nonce": hex(self._nonce), "gas": _TX_GAS, "gasPrice": _GAS_PRICE}
        self._queue.append((what, fields))
        self._nonce += 1
