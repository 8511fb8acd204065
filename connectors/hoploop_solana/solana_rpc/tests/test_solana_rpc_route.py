"""Public submission: what is sent, and what each refusal becomes."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from hoploop.errors import RateLimited, Rejected, RouteError, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext, Secrets
from hoploop.plugin.testing import ConnectorContract, RouteContract
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, RpcFault, at_slot, scope
from hoploop_solana._shared.wire import Wire
from hoploop_solana.solana_rpc import CONNECTOR
from hoploop_solana.solana_rpc.config import SolanaRpcConfig
from hoploop_solana.solana_rpc.route import SolanaRpc

TX = SignedTx(chain="sol", id="S1", raw=b"\x01\x02\x03", expires=9)


def make(wire: Wire, url: str, own_url: str = "") -> SolanaRpc:
    """The route on a chain whose endpoint is `url`."""
    client = SimpleNamespace(rpc=JsonRpc(wire, url))
    context = RouteContext(scope=scope("sol"), client=client, endpoint=own_url, secrets=Secrets(_no_secret))
    return SolanaRpc(SolanaRpcConfig(id="r", chain="sol"), context)


def _no_secret(reference: str) -> bytes:
    raise AssertionError(f"asked for {reference}")


@contextlib.asynccontextmanager
async def route(answers: dict[str, Any]) -> AsyncIterator[tuple[SolanaRpc, FakeNode]]:
    """The route on a scripted node."""
    node, wire = FakeNode(answers), Wire(timeout_ms=500)
    async with node.serving() as url:
        yield make(wire, url), node
    await wire.close()


def allowed() -> None:
    """A permit that lets everything pass."""


class TestManifest(ConnectorContract):
    connector = CONNECTOR


class TestRoute(RouteContract):
    @pytest.fixture(autouse=True)
    async def serve(self) -> AsyncIterator[None]:
        async with route({"sendTransaction": "S1"}) as (self._route, self._node):
            yield

    async def route(self) -> SolanaRpc:
        return self._route

    def sent(self) -> int:
        return len(self._node.calls)

    def transaction(self) -> SignedTx:
        return TX


async def test_it_sends_base64_without_preflight_or_node_retries() -> None:
    async with route({"sendTransaction": "S1"}) as (made, node):
        assert await made.submit(TX, allowed) == "S1"
    options = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}
    assert node.calls == [("sendTransaction", [base64.b64encode(TX.raw).decode(), options])]


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (RpcFault({"code": -32002, "message": "failed", "data": {"err": "TooOld"}}), Rejected, "TooOld"),
        (RpcFault({"code": -32002, "message": "failed"}), Rejected, "failed"),
        (RpcFault({"code": -32003, "message": "signature", "data": [1]}), Rejected, "signature"),
        (RpcFault({"code": 429, "message": "slow"}), RateLimited, "slow"),
        (RpcFault({"code": 1, "message": "x"}, status=429), RateLimited, "slow down"),
        (RpcFault({"code": -32005, "message": "Node is behind"}), Unreachable, "behind"),
        (b"<html>", Unreachable, "JSON-RPC"),
        (5, Unreachable, "shape"),
        ("another signature", Unreachable, "another signature"),
    ],
)  # fmt: skip
async def test_every_refusal_has_its_class_and_the_nodes_words(
    answer: object, error: type[RouteError], words: str
) -> None:
    async with route({"sendTransaction": answer}) as (made, node):
        with pytest.raises(error, match=words):
            await made.submit(TX, allowed)
    assert len(node.calls) == 1


async def test_an_url_of_its_own_is_used_instead_of_the_chains() -> None:
    wire = Wire(timeout_ms=500)
    async with FakeNode({}).serving() as chain, FakeNode({"sendTransaction": "S1"}).serving() as own:
        assert await make(wire, chain, own).submit(TX, allowed) == "S1"
    await wire.close()


@pytest.mark.parametrize(
    ("answer", "word"),
    [([None], "unknown"), ([{"confirmationStatus": "confirmed"}], "confirmed"), ([{"slot": 1}], "processed")],
)
async def test_status_is_the_nodes_word(answer: object, word: str) -> None:
    async with route({"getSignatureStatuses": at_slot(answer)}) as (made, _):
        assert await made.status("S1") == word


@pytest.mark.parametrize("same", [True, False])
async def test_it_is_reached_when_its_node_is_of_the_chain(same: bool) -> None:
    async with route({"getGenesisHash": scope("sol").identity if same else "another"}) as (rpc, node):
        if same:
            assert await rpc.reach() == "a node of this chain"
        else:
            with pytest.raises(Unreachable, match="another chain"):
                await rpc.reach()
    assert [method for method, _ in node.calls] == ["getGenesisHash"]
