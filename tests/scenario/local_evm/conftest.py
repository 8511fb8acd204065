"""One local EVM chain without traffic for the whole session, and ways to talk to it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import orjson
import pytest
import pytest_asyncio
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak

from hoploop.local.evm import CHAIN_ID, start
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.running import RunningChain

BLOCK_MS = 100
SINK = "0x" + "11" * 20


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """Everything in this folder starts a chain; all tests share the loop of the session's chain."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.chain)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chain(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningChain]:
    """The running chain: a block every 100 ms, no traffic."""
    running = await start(
        workdir=tmp_path_factory.mktemp("evm"),
        chain_id=CHAIN_ID,
        seed=1,
        block_ms=BLOCK_MS,
        traffic=False,
        progress=lambda _: None,
    )
    yield running
    await running.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def node(chain: RunningChain) -> AsyncIterator[IpcClient]:
    """A connection to the public socket."""
    client = await IpcClient.connect(Path(chain.endpoint.removeprefix("ipc:")))
    yield client
    await client.close()


class Wallet(msgspec.Struct):
    """A funded account of its own, so that tests do not share nonces."""

    account: Any
    node: IpcClient

    def raw(self, nonce: int, *, data: bytes = b"", to: str = SINK, tip: int = 10**9) -> str:
        """A signed transaction; data sent to the sink is ignored by it."""
        fields = {"type": 2, "chainId": CHAIN_ID, "nonce": nonce, "to": to, "value": 1, "gas": 100_000, "data": data}
        fields |= {"maxFeePerGas": 10**11, "maxPriorityFeePerGas": tip}
        return f"0x{self.account.sign_transaction(fields).raw_transaction.hex()}"

    async def nonce(self) -> int:
        """The next one on the latest block."""
        return int(await self.node.call("eth_getTransactionCount", self.account.address, "latest"), 16)


@pytest_asyncio.fixture(loop_scope="session")
async def wallet(node: IpcClient) -> Wallet:
    """A fresh wallet with coins."""
    account = Account.create()
    await node.call("anvil_setBalance", account.address, hex(10**21))
    return Wallet(account, node)


class RelayClient(msgspec.Struct):
    """Signs and posts requests to the relay."""

    url: str
    node: IpcClient
    identity: Any

    async def post(self, method: str, *params: Any, signed: bool = True) -> tuple[int, dict[str, Any]]:
        """(HTTP status, answer)."""
        body = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        text = encode_defunct(text="0x" + keccak(body if signed else body + b" ").hex())
        header = f"{self.identity.address}:0x{self.identity.sign_message(text).signature.hex()}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=body, headers={"X-Flashbots-Signature": header}) as response,
        ):
            return response.status, orjson.loads(await response.read())

    async def result(self, method: str, *params: Any) -> Any:
        """The result of a request that must succeed."""
        status, answer = await self.post(method, *params)
        assert (status, answer.get("error")) == (200, None)
        return answer["result"]

    async def head(self) -> int:
        """Number of the latest block."""
        return int(await self.node.call("eth_blockNumber"), 16)

    async def wait_until(self, block: int) -> None:
        """Until the chain has reached a block."""
        for _ in range(2_000):
            if await self.head() >= block:
                return
            await asyncio.sleep(BLOCK_MS / 4000)
        raise AssertionError(f"the chain never reached block {block}")


@pytest.fixture
def relay(chain: RunningChain, node: IpcClient) -> RelayClient:
    """A client of the chain's relay with an identity of its own."""
    return RelayClient(chain.extras["flashbots"], node, Account.create())
