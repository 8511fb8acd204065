"""The public route: permission last, and every answer of a node understood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evm_fakes import OWNER, Failure, FakeNode, config, scope, word

from hoploop.errors import HoploopError, RateLimited, Rejected, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext, Secrets
from hoploop.plugin.testing import ConnectorContract, RouteContract
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.view import ChainView
from hoploop_evm.evm_public import CONNECTOR
from hoploop_evm.evm_public.config import EvmPublicConfig
from hoploop_evm.evm_public.route import EvmPublic

TX = SignedTx(chain="eth", id=word(0xABC), raw=b"\x02\x01", expires=105, nonce=4)


class TestEvmPublicConnector(ConnectorContract):
    connector = CONNECTOR


@pytest.fixture
async def street(tmp_path: Path) -> AsyncIterator[tuple[FakeNode, EvmPublic]]:
    node = FakeNode()
    node.answers["eth_sendRawTransaction"] = TX.id
    async with node.ipc(tmp_path) as endpoint:
        client = EvmClient(config(), OWNER, Rpc(endpoint, timeout_ms=300), ChainView())
        context = RouteContext(scope=scope(), client=client, endpoint="", secrets=Secrets(lambda _: b""))
        yield node, EvmPublic(EvmPublicConfig(id="pub", chain="eth"), context)
        await client.close()


class TestEvmPublicRoute(RouteContract):
    @pytest.fixture(autouse=True)
    def _street(self, street: tuple[FakeNode, EvmPublic]) -> None:
        self.node, self.made = street

    async def route(self) -> EvmPublic:
        return self.made

    def sent(self) -> int:
        return len(self.node.requests)

    def transaction(self) -> SignedTx:
        return TX


async def test_the_node_gets_exactly_the_signed_bytes(street: tuple[FakeNode, EvmPublic]) -> None:
    node, route = street
    assert await route.submit(TX, lambda: None) == TX.id
    assert node.requests[-1]["params"] == ["0x0201"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Failure(-32000, "nonce too low"), Rejected),
        (Failure(-32000, "replacement transaction underpriced"), Rejected),
        (Failure(-32005, "slow down"), RateLimited),
        (word(0xDEF), Unreachable),
        (None, Unreachable),
    ],
)
async def test_every_no_has_its_class(
    street: tuple[FakeNode, EvmPublic], answer: Any, error: type[HoploopError]
) -> None:
    node, route = street
    node.answers["eth_sendRawTransaction"] = answer
    with pytest.raises(error):
        await route.submit(TX, lambda: None)


@pytest.mark.parametrize("raw", [None, b"garbage", "close"])
async def test_no_usable_answer_means_nobody_knows(street: tuple[FakeNode, EvmPublic], raw: Any) -> None:
    node, route = street
    node.misbehave(raw)
    with pytest.raises(Unreachable):
        await route.submit(TX, lambda: None)
    assert len(node.requests) == 1


async def test_a_node_that_has_it_already_is_content(street: tuple[FakeNode, EvmPublic]) -> None:
    node, route = street
    node.answers["eth_sendRawTransaction"] = Failure(-32000, "already known")
    assert await route.submit(TX, lambda: None) == TX.id
