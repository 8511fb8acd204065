"""The IPC client against a server that answers late, wrongly or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest

from hoploop.local.evm.relay.gateway import Gateway
from hoploop.local.evm.rpc import IpcClient, RpcError

Answer = Callable[[dict[str, object]], bytes]


@asynccontextmanager
async def _served(path: Path, answer: Answer) -> AsyncIterator[None]:
    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            reply = answer(orjson.loads(line))
            if not reply:
                break
            writer.write(reply)
        writer.close()

    server = await asyncio.start_unix_server(client, path)
    try:
        yield
    finally:
        server.close()
        await _handlers_done()


async def _handlers_done() -> None:
    """Connections of the servers in this loop are handled by tasks that end with them."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    async with asyncio.timeout(5):
        await asyncio.gather(*others, return_exceptions=True)


def _line(**fields: object) -> bytes:
    return orjson.dumps(fields) + b"\n"


async def test_an_error_object_becomes_an_error_with_its_reason(tmp_path: Path) -> None:
    async with _served(tmp_path / "s", lambda q: _line(id=q["id"], error={"message": "nonce too low", "data": "0x1"})):
        client = await IpcClient.connect(tmp_path / "s")
        with pytest.raises(RpcError, match="nonce too low") as caught:
            await client.call("eth_sendRawTransaction", "0x")
        assert caught.value.data == "0x1"
        await client.close()


async def test_notifications_are_kept_aside_and_strangers_ignored(tmp_path: Path) -> None:
    def answer(query: dict[str, object]) -> bytes:
        note = _line(method="eth_subscription", params={"result": "head"})
        return note + _line(id=999, result="not asked for") + _line(id=query["id"], result=query["method"])

    async with _served(tmp_path / "s", answer):
        client = await IpcClient.connect(tmp_path / "s")
        assert await client.batch([("a", ()), ("b", ())]) == ["a", "b"]
        assert list(client.notifications) == ["head", "head"]
        await client.close()


async def test_a_closed_connection_is_an_os_error(tmp_path: Path) -> None:
    async with _served(tmp_path / "s", lambda _: b""):
        client = await IpcClient.connect(tmp_path / "s")
        with pytest.raises(ConnectionResetError):
            await client.call("eth_chainId")
        await client.close()


async def test_the_gateway_holds_sends_back_and_lets_the_rest_through(tmp_path: Path) -> None:
    seen: list[object] = []

    def answer(query: dict[str, object]) -> bytes:
        seen.append(query["method"])
        return _line(id=query["id"], result=True)

    async with _served(tmp_path / "node", answer):
        gateway = Gateway(tmp_path / "node")
        server = await gateway.serve(tmp_path / "public")
        sender = await IpcClient.connect(tmp_path / "public")
        reader = await IpcClient.connect(tmp_path / "public")
        async with asyncio.TaskGroup() as group, gateway.held():
            sending = group.create_task(sender.call("eth_sendRawTransaction", "0x"))
            await reader.call("eth_blockNumber")
            await asyncio.sleep(0.05)
            assert seen == ["eth_blockNumber"]
            assert not sending.done()
        assert seen == ["eth_blockNumber", "eth_sendRawTransaction"]
        await sender.close()
        await reader.close()
        server.close()


async def test_holding_waits_for_sends_on_their_way(tmp_path: Path) -> None:
    answered = asyncio.Event()

    async def node(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = orjson.loads(await reader.readline())
        await asyncio.sleep(0.05)
        answered.set()
        writer.write(_line(id=query["id"], result=True))
        await reader.read()
        writer.close()

    upstream = await asyncio.start_unix_server(node, tmp_path / "node")
    gateway = Gateway(tmp_path / "node")
    server = await gateway.serve(tmp_path / "public")
    sender = await IpcClient.connect(tmp_path / "public")
    async with asyncio.TaskGroup() as group:
        group.create_task(sender.call("eth_sendRawTransaction", "0x"))
        await asyncio.sleep(0.02)
        async with gateway.held():
            assert answered.is_set()
    await sender.close()
    server.close()
    upstream.close()
    await _handlers_done()
