"""The relay route: what is signed, which blocks are bid for, and every answer understood."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import orjson
import pytest
from aiohttp import web
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak
from evm_fakes import OWNER, config, scope, word

from hoploop.errors import GateClosed, HoploopError, RateLimited, Rejected, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext, Secrets
from hoploop.plugin.testing import ConnectorContract, RouteContract
from hoploop_evm._shared.keys import Key
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.view import ChainView
from hoploop_evm.flashbots import CONNECTOR, layout
from hoploop_evm.flashbots.config import FlashbotsConfig, check
from hoploop_evm.flashbots.route import Flashbots

IDENTITY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
TX = SignedTx(chain="eth", id=word(0xABC), raw=b"\x02\x01", expires=102, nonce=4)
CONFIG = FlashbotsConfig(id="relay", chain="eth", url="embedded", key="env/ID")


class TestFlashbotsConnector(ConnectorContract):
    connector = CONNECTOR


class Relay:
    """A relay on loopback that keeps what it got."""

    def __init__(self) -> None:
        self.status, self.body = 200, b'{"jsonrpc":"2.0","id":1,"result":{"bundleHash":"0xb0"}}'
        self.got: list[tuple[str, bytes]] = []
        self.hang = self.refuse_first = False
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.got.append((request.headers.get("X-Flashbots-Signature", ""), body))
        if self.hang:
            await asyncio.sleep(30)
        if self.refuse_first and len(self.got) == 1:
            return web.Response(body=b'{"id":1,"error":{"message":"the target block is past"}}')
        return web.Response(status=self.status, body=self.body)

    def blocks(self) -> list[str]:
        return [orjson.loads(body)["params"][0]["blockNumber"] for _, body in self.got]


@pytest.fixture
async def street() -> AsyncIterator[tuple[Relay, Flashbots]]:
    relay, view = Relay(), ChainView()
    view.saw(100, 0)
    app = web.Application()
    app.router.add_post("/", relay.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    relay.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client = EvmClient(config(), OWNER, Rpc("ipc:/nowhere", timeout_ms=1500), view)
    context = RouteContext(scope=scope(), client=client, endpoint=relay.url, secrets=Secrets(lambda _: IDENTITY))
    yield relay, Flashbots(CONFIG, context)
    await client.close()
    await runner.cleanup()


class TestFlashbotsRoute(RouteContract):
    @pytest.fixture(autouse=True)
    def _street(self, street: tuple[Relay, Flashbots]) -> None:
        self.relay, self.made = street

    async def route(self) -> Flashbots:
        return self.made

    def sent(self) -> int:
        return len(self.relay.got)

    def transaction(self) -> SignedTx:
        return TX


def test_the_header_is_the_published_vector() -> None:
    body = b'{"jsonrpc":"2.0","id":1,"method":"eth_sendBundle","params":[{"txs":["0x00"],"blockNumber":"0x1"}]}'
    assert layout.request("eth_sendBundle", {"txs": ["0x00"], "blockNumber": "0x1"}) == body
    header = layout.headers(Key(IDENTITY, "x"), body)["X-Flashbots-Signature"]
    assert header == (
        "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266:0xf55b739ae5c8b3e89310ec4cd7be5d7b9e27cc12e060db211c0abb2395358e7a"
        "4561adcdce3a050d69695820cba016e3a1cdafb603801d776f1db8884a0d0d671c"
    )


async def test_every_request_is_signed_over_its_exact_bytes(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    assert await route.submit(TX, lambda: None) == "0xb0"
    for header, body in relay.got:
        address, signature = header.split(":")
        text = encode_defunct(text="0x" + keccak(body).hex())
        assert Account.recover_message(text, signature=signature) == address
        assert orjson.loads(body)["params"][0]["txs"] == ["0x0201"]


async def test_it_bids_for_the_next_blocks_and_asks_before_each(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    asked: list[int] = []
    await route.submit(TX, lambda: asked.append(len(relay.got)))
    assert relay.blocks() == ["0x65", "0x66"]
    assert asked == [0, 1]


async def test_it_does_not_bid_past_the_deadline(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    await route.submit(msgspec.structs.replace(TX, expires=101), lambda: None)
    assert relay.blocks() == ["0x65"]


async def test_a_gate_that_closes_in_between_stops_the_second_bid(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street

    def once() -> None:
        if relay.got:
            raise GateClosed("G103", "tripped")

    assert await route.submit(TX, once) == "0xb0"
    assert relay.blocks() == ["0x65"]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b'{"id":1,"error":{"code":-32000,"message":"bundle too old"}}', Rejected),
        (403, b'{"id":1,"error":"signature"}', Rejected),
        (429, b"", RateLimited),
        (502, b"<html>", Unreachable),
        (200, b"[]", Unreachable),
        (200, b'{"id":1,"result":null}', Unreachable),
        (200, b"0" * 2_000_000, Unreachable),
    ],
)
async def test_every_no_has_its_class(
    street: tuple[Relay, Flashbots], status: int, body: bytes, error: type[HoploopError]
) -> None:
    relay, route = street
    relay.status, relay.body = status, body
    with pytest.raises(error):
        await route.submit(TX, lambda: None)


async def test_a_relay_one_block_ahead_still_gets_the_next_bid(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    relay.refuse_first = True
    assert await route.submit(TX, lambda: None) == "0xb0"
    assert relay.blocks() == ["0x65", "0x66"]


async def test_past_its_deadline_nothing_is_sent(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    with pytest.raises(Rejected):
        await route.submit(msgspec.structs.replace(TX, expires=100), lambda: None)
    assert relay.got == []


async def test_a_relay_that_hangs_is_unreachable(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    relay.hang = True
    with pytest.raises(Unreachable):
        await route.submit(TX, lambda: None)


@pytest.mark.parametrize(
    ("url", "problems"), [("http://relay.example", 1), ("https://relay.example", 0), ("embedded", 0)]
)
def test_a_relay_elsewhere_must_be_https(url: str, problems: int) -> None:
    assert len(check(msgspec.structs.replace(CONFIG, url=url), scope())) == problems


def test_the_config_never_holds_the_identity_itself() -> None:
    schema: Any = msgspec.json.schema(FlashbotsConfig)
    assert schema["$defs"]["FlashbotsConfig"]["properties"]["key"]["x-secret"] is True
    assert re.match(schema["$defs"]["FlashbotsConfig"]["properties"]["url"]["pattern"], "https://x")


@pytest.mark.parametrize("body", [b'{"id":1,"result":{}}', b'{"id":1,"error":{"message":"no such method"}}'])
async def test_any_answer_says_that_the_relay_is_there(street: tuple[Relay, Flashbots], body: bytes) -> None:
    relay, route = street
    relay.body = body
    assert await route.reach()
    ((_, sent),) = relay.got
    assert orjson.loads(sent)["method"] == "flashbots_getUserStatsV2"


async def test_a_web_page_is_no_relay(street: tuple[Relay, Flashbots]) -> None:
    relay, route = street
    relay.body = b"<html>"
    with pytest.raises(Unreachable):
        await route.reach()
