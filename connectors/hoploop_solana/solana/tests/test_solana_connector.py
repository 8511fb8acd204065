"""The chain connector as a whole: contract, wiring and pure checks."""

from __future__ import annotations

import msgspec
import pytest

from hoploop.errors import IncompatibleConnector, SignerUnavailable
from hoploop.plugin.connector import ChainContext, ChainScope, Secrets
from hoploop.plugin.testing import ChainContract, ConnectorContract
from hoploop_solana._shared.testing import named_key, named_pair, scope
from hoploop_solana.solana import CONNECTOR
from hoploop_solana.solana.chain import SolanaChain, websocket_url
from hoploop_solana.solana.config import Fees, SolanaConfig, check

CONFIG = SolanaConfig(id="sol", genesis=str(named_key("genesis")), fees=Fees(unit_price=1_000))
SCOPE: ChainScope = msgspec.structs.replace(scope("sol"), settings=CONFIG)


class TestManifest(ConnectorContract):
    connector = CONNECTOR


class TestChain(ChainContract):
    connector = CONNECTOR
    config = CONFIG
    scope = SCOPE


def _context(secret: bytes, endpoint: str = "http://127.0.0.1:9/") -> ChainContext:
    secrets = Secrets(lambda reference: secret if reference == "env/KEY" else b"")
    return ChainContext(scope=SCOPE, endpoint=endpoint, secrets=secrets, key="env/KEY", extras={})


async def test_it_brings_client_feed_and_composer_and_closes_without_having_been_used() -> None:
    chain = SolanaChain(CONFIG, _context(bytes(named_pair("owner"))))
    assert chain.composer.fees().base_fee == 5_000
    assert chain.client.rpc is not None
    await chain.close()


def test_the_key_of_another_owner_is_refused_before_anything_is_opened() -> None:
    with pytest.raises(SignerUnavailable):
        SolanaChain(CONFIG, _context(bytes(named_pair("stranger"))))


@pytest.mark.parametrize(
    ("endpoint", "socket"),
    [("http://127.0.0.1:8899", "ws://127.0.0.1:8899"), ("https://node.example/?k=v", "wss://node.example/?k=v")],
)
def test_the_websocket_is_the_endpoint_with_its_scheme_changed(endpoint: str, socket: str) -> None:
    assert websocket_url(endpoint) == socket


@pytest.mark.parametrize("endpoint", ["ipc:/tmp/x", "ftp://x", "", "127.0.0.1:8899"])
def test_an_endpoint_that_is_no_http_is_refused(endpoint: str) -> None:
    with pytest.raises(IncompatibleConnector):
        websocket_url(endpoint)


def test_check_names_tables_that_are_no_keys_or_named_twice() -> None:
    config = msgspec.structs.replace(CONFIG, lookup_tables=("1" * 44, "1" * 44))
    assert len(check(config, SCOPE)) == 3
