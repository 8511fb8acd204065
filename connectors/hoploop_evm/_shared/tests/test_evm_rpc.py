"""The transport against nodes that lie, hang, hang up and send too much."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from evm_fakes import Failure, FakeNode

from hoploop.errors import GateClosed, IncompatibleConnector, PermanentError, TransientError
from hoploop_evm._shared import rpc as rpc_module
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.rpc import Rpc


@pytest.fixture(params=["ipc", "websocket"])
async def wired(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[FakeNode, Rpc]]:
    node = FakeNode()
    serving = node.ipc(tmp_path) if request.param == "ipc" else node.websocket()
    async with serving as endpoint:
        rpc = Rpc(endpoint, timeout_ms=300, max_frame=100_000)
        yield node, rpc
        rpc.close()


async def test_an_answer_comes_back(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.answers["eth_chainId"] = "0x1"
    assert await rpc.read("eth_chainId") == "0x1"


async def test_answers_out_of_order_find_their_calls(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.misbehave(None)

    async def answer_backwards() -> None:
        await node.requested(2)
        for request in reversed(node.requests):
            await node.push_raw(b'{"id":%d,"result":"%s"}' % (request["id"], request["method"].encode()))

    async with asyncio.TaskGroup() as group:
        group.create_task(answer_backwards())
        assert await rpc.many([("first", []), ("second", [])]) == ["first", "second"]


async def test_more_calls_than_the_window_come_back_in_order(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.answers["echo"] = lambda value: value
    count = rpc_module.WINDOW + 40
    assert await rpc.many([("echo", [at]) for at in range(count)]) == list(range(count))


@pytest.mark.parametrize("garbage", [b"\xff\xfe", b"{", b"[]", b"7", b'"text"'])
async def test_garbage_is_a_transient_fault_after_retries(wired: tuple[FakeNode, Rpc], garbage: bytes) -> None:
    node, rpc = wired
    node.misbehave(garbage)
    with pytest.raises(TransientError):
        await rpc.read("eth_chainId")
    assert len(node.requests) == rpc_module.READ_ATTEMPTS


async def test_an_object_that_answers_nobody_is_ignored(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.answers["eth_chainId"] = "0x1"
    await rpc.read("eth_chainId")
    await node.push_raw(b'{"jsonrpc":"2.0","id":999,"result":"0x2"}')
    assert await rpc.read("eth_chainId") == "0x1"


async def test_a_hanging_node_is_a_transient_fault(
    wired: tuple[FakeNode, Rpc], monkeypatch: pytest.MonkeyPatch
) -> None:
    node, rpc = wired
    monkeypatch.setattr(rpc_module, "READ_ATTEMPTS", 1)
    node.misbehave(None)
    with pytest.raises(TransientError, match="no answer"):
        await rpc.read("eth_chainId")


async def test_a_node_that_closes_is_asked_again_on_a_new_connection(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.answers["eth_chainId"] = "0x1"
    node.misbehave("close", times=2)
    assert await rpc.read("eth_chainId") == "0x1"
    assert node.connections == 3


async def test_a_huge_frame_is_refused(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.misbehave(b'{"id":1,"result":"' + b"0" * 300_000 + b'"}')
    with pytest.raises(TransientError):
        await rpc.read("eth_chainId")


async def test_an_error_object_is_the_nodes_own_no(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.answers["eth_call"] = Failure(3, "execution reverted", "0x1234")
    with pytest.raises(NodeError) as caught:
        await rpc.read("eth_call")
    assert (caught.value.rpc_code, caught.value.data) == (3, "0x1234")
    assert len(node.requests) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (b'{"id":1,"error":"no"}', PermanentError),
        (b'{"id":1}', PermanentError),
        (b'{"id":1,"error":{"code":"x"}}', NodeError),
        (b'{"id":1,"error":{"code":-32603,"message":["odd"]}}', NodeError),
    ],
)
async def test_a_misshapen_answer_is_an_error(
    wired: tuple[FakeNode, Rpc], reply: bytes, error: type[Exception]
) -> None:
    node, rpc = wired
    node.misbehave(reply)
    with pytest.raises(error):
        await rpc.read("eth_chainId")


async def test_a_rate_limit_is_transient(wired: tuple[FakeNode, Rpc], monkeypatch: pytest.MonkeyPatch) -> None:
    node, rpc = wired
    monkeypatch.setattr(rpc_module, "READ_ATTEMPTS", 1)
    node.answers["eth_call"] = Failure(-32005, "limit exceeded")
    with pytest.raises(TransientError, match="C104"):
        await rpc.read("eth_call")


async def test_nothing_is_sent_when_the_permit_refuses(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired

    def refuse() -> None:
        raise GateClosed("G103", "tripped")

    with pytest.raises(GateClosed):
        await rpc.send("eth_sendRawTransaction", "0x", permit=refuse)
    await asyncio.sleep(0.02)
    assert node.requests == []


async def test_a_send_is_never_repeated(wired: tuple[FakeNode, Rpc]) -> None:
    node, rpc = wired
    node.misbehave("close")
    with pytest.raises(TransientError):
        await rpc.send("eth_sendRawTransaction", "0x", permit=lambda: None)
    assert len(node.requests) == 1


async def test_nobody_listening_is_a_transient_fault(tmp_path: Path) -> None:
    rpc = Rpc(f"ipc:{tmp_path / 'absent'}", timeout_ms=100)
    with pytest.raises(TransientError, match="cannot connect"):
        await rpc.read("eth_chainId")


async def test_a_server_that_is_no_websocket_is_a_transient_fault(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        rpc = Rpc(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout_ms=200)
        with pytest.raises(TransientError):
            await rpc.read("eth_chainId")


async def test_an_http_endpoint_is_refused_without_showing_it() -> None:
    with pytest.raises(IncompatibleConnector) as caught:
        await Rpc("https://node/secret", timeout_ms=100).read("eth_chainId")
    assert "secret" not in str(caught.value)


async def test_a_closed_connection_stays_closed(wired: tuple[FakeNode, Rpc]) -> None:
    _, rpc = wired
    rpc.close()
    with pytest.raises(PermanentError):
        await rpc.read("eth_chainId")
