"""The transport against nodes that misbehave, and the permit at the last moment."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import GateClosed, PermanentError, TransientError
from hoploop_solana._shared.asking import AtSlot, NodeError
from hoploop_solana._shared.rpc import READ_ATTEMPTS, JsonRpc, _result
from hoploop_solana._shared.testing import FakeNode, RpcFault, at_slot, raw_server
from hoploop_solana._shared.wire import Reply, Wire


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(timeout_ms=300, max_bytes=10_000)
    yield made
    await made.close()


def allowed() -> None:
    """A permit that lets everything pass."""


async def test_a_read_returns_the_decoded_result(wire: Wire) -> None:
    async with FakeNode({"getBalance": at_slot(7)}).serving() as url:
        answer = await JsonRpc(wire, url).read("getBalance", ["key"], AtSlot[int])
    assert (answer.context.slot, answer.value) == (100, 7)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b"\xff\xfe\x00", b"[]", b"null", b"1", b'{"jsonrpc":"2.0","id":1}',
     b'{"jsonrpc":"2.0","id":1,"result":"text"}', b'{"jsonrpc":"2.0","id":1,"result":null}',
     b'{"jsonrpc":"2.0","id":99,"result":7}', b'{"jsonrpc":"2.0","id":1,"result":-7}',
     b'{"jsonrpc":"2.0","id":1,"result":{"context":{"slot":"1"},"value":1}}', b"[" * 5000],
)  # fmt: skip
async def test_garbage_is_a_permanent_error(wire: Wire, body: bytes) -> None:
    async with FakeNode({"getBalance": body}).serving() as url:
        with pytest.raises(PermanentError) as caught:
            await JsonRpc(wire, url).read("getBalance", [], AtSlot[int])
    assert caught.value.code == "C202"


async def test_an_answer_over_the_limit_is_refused(wire: Wire) -> None:
    async with FakeNode({"getBalance": b" " * 20_000}).serving() as url:
        with pytest.raises(PermanentError) as caught:
            await JsonRpc(wire, url).read("getBalance", [], AtSlot[int])
    assert caught.value.code == "C205"


async def test_a_packed_answer_is_not_unpacked(wire: Wire) -> None:
    bomb = gzip.compress(b" " * 50_000_000)

    async def packed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
        writer.write(head.encode() + bomb)
        await writer.drain()

    async with raw_server(packed) as url:
        with pytest.raises(PermanentError) as caught:
            await JsonRpc(wire, url).read("getSlot", [], int)
    assert caught.value.code in ("C202", "C205")


async def _hang(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def _close(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read(10)


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()


async def _nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(10)
    writer.write(b"\x16\x03\x01 not http at all\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("talk", [_hang, _close, _half, _nonsense])
async def test_no_whole_answer_is_a_transient_error(wire: Wire, talk: Callable[..., object]) -> None:
    async with raw_server(talk) as url:  # type: ignore[arg-type]
        with pytest.raises(TransientError) as caught:
            await JsonRpc(wire, url).read("getSlot", [], int)
    assert caught.value.code == "C201"


async def test_nobody_listening_is_a_transient_error(wire: Wire) -> None:
    async with raw_server(_close) as url:
        pass
    with pytest.raises(TransientError):
        await JsonRpc(wire, url).read("getSlot", [], int)


async def test_an_error_object_without_data_is_reported_with_the_nodes_words(wire: Wire) -> None:
    fault = RpcFault({"code": -32002, "message": "Transaction simulation failed: Blockhash not found"})
    async with FakeNode({"sendTransaction": fault}).serving() as url:
        with pytest.raises(NodeError) as caught:
            await JsonRpc(wire, url).read("sendTransaction", [], str)
    assert caught.value.rpc_code == -32002
    assert caught.value.data is None
    assert "Blockhash not found" in str(caught.value)


@pytest.mark.parametrize("error", ["text", 5, [1], {"code": "x"}, {"message": 5}])
async def test_an_error_that_is_no_error_object_is_garbage(wire: Wire, error: object) -> None:
    async with FakeNode({"getSlot": RpcFault(error)}).serving() as url:  # type: ignore[arg-type]
        with pytest.raises(PermanentError):
            await JsonRpc(wire, url).read("getSlot", [], int)


async def test_a_read_is_tried_again_after_a_transient_fault(wire: Wire) -> None:
    behind = RpcFault({"code": -32005, "message": "Node is behind"})
    answers = [behind, 12]
    node = FakeNode({"getSlot": lambda: answers.pop(0)})
    async with node.serving() as url:
        assert await JsonRpc(wire, url).read("getSlot", [], int) == 12
    assert len(node.calls) == 2


async def test_a_read_gives_up_after_its_attempts(wire: Wire) -> None:
    node = FakeNode({"getSlot": RpcFault({"code": -32005, "message": "Node is behind"})})
    async with node.serving() as url:
        with pytest.raises(TransientError):
            await JsonRpc(wire, url).read("getSlot", [], int)
    assert len(node.calls) == READ_ATTEMPTS


async def test_a_send_is_never_tried_again(wire: Wire) -> None:
    node = FakeNode({"sendTransaction": RpcFault({"code": -32005, "message": "Node is behind"})})
    async with node.serving() as url:
        with pytest.raises(TransientError):
            await JsonRpc(wire, url).send("sendTransaction", [], str, allowed)
    assert len(node.calls) == 1


async def test_http_429_asks_to_slow_down(wire: Wire) -> None:
    node = FakeNode({"getSlot": RpcFault({"code": 1, "message": "x"}, status=429)})
    async with node.serving() as url:
        with pytest.raises(TransientError) as caught:
            await JsonRpc(wire, url).send("getSlot", [], int, allowed)
    assert caught.value.code == "C204"


async def test_a_closed_gate_lets_no_byte_of_the_body_leave(wire: Wire) -> None:
    received = bytearray()

    async def listen(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        received.extend(await reader.read(100_000))

    def closed() -> None:
        raise GateClosed("G103", "tripped")

    async with raw_server(listen) as url:
        with pytest.raises(GateClosed):
            await JsonRpc(wire, url).send("sendTransaction", ["secret bytes"], str, closed)
        await asyncio.sleep(0.05)
    assert b"secret bytes" not in received


async def test_the_permit_is_asked_exactly_once(wire: Wire) -> None:
    asked: list[int] = []
    async with FakeNode({"sendTransaction": "ok"}).serving() as url:
        await JsonRpc(wire, url).send("sendTransaction", [], str, lambda: asked.append(1))
    assert asked == [1]


async def test_whatever_the_permit_raises_comes_out_unchanged(wire: Wire) -> None:
    def broken() -> None:
        raise ZeroDivisionError("a bug in the gate")

    node = FakeNode({"sendTransaction": "ok"})
    async with node.serving() as url:
        with pytest.raises(ZeroDivisionError):
            await JsonRpc(wire, url).send("sendTransaction", [], str, broken)
    assert node.calls == []


async def test_a_permit_is_not_asked_when_nobody_listens(wire: Wire) -> None:
    asked: list[int] = []
    async with raw_server(_close) as url:
        pass
    with pytest.raises(TransientError):
        await JsonRpc(wire, url).send("sendTransaction", [], str, lambda: asked.append(1))
    assert asked == []


async def test_the_url_never_shows_in_an_error_or_repr(wire: Wire) -> None:
    async with raw_server(_close) as url:
        rpc = JsonRpc(wire, f"{url}/?api-key=hush")
        with pytest.raises(TransientError) as caught:
            await rpc.read("getSlot", [], int)
    assert "hush" not in f"{caught.value}{caught.value!r}{rpc!r}"


@given(st.binary(max_size=300), st.integers(100, 599))
def test_whatever_bytes_come_only_connector_errors_leave(body: bytes, status: int) -> None:
    with pytest.raises((PermanentError, TransientError)):
        _result("getSlot", 1, Reply(status, 0, body), int)
