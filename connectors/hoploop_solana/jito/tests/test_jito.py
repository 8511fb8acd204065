"""Bundles: what is sent, the tip policy, and what each refusal becomes."""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hoploop.errors import RateLimited, Rejected, RouteError, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.model.money import Ratio
from hoploop.plugin.connector import RouteContext, Secrets
from hoploop.plugin.testing import ConnectorContract, RouteContract
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, RpcFault, at_slot, scope
from hoploop_solana._shared.wire import Wire
from hoploop_solana.jito import CONNECTOR
from hoploop_solana.jito.config import TIP_ACCOUNTS, JitoConfig, TipPolicy, check
from hoploop_solana.jito.route import Jito

TX = SignedTx(chain="sol", id="S1", raw=b"\x01\x02\x03", expires=9)
TIP = TipPolicy(share=Ratio(1, 10), min=1_000, max=10_000_000)
CONFIG = JitoConfig(id="j", chain="sol", url="embedded", tip=TIP)
PUBLISHED = Path(__file__).resolve().parents[5] / "shared/facts/solana/data/tip_accounts.json"


def _no_secret(reference: str) -> bytes:
    raise AssertionError(f"asked for {reference}")


@contextlib.asynccontextmanager
async def route(answers: dict[str, Any]) -> AsyncIterator[tuple[Jito, FakeNode]]:
    """The route on a scripted block engine."""
    node, wire = FakeNode(answers), Wire(timeout_ms=500)
    async with node.serving() as url:
        client = SimpleNamespace(rpc=JsonRpc(wire, "http://127.0.0.1:1"))
        context = RouteContext(scope=scope("sol"), client=client, endpoint=url, secrets=Secrets(_no_secret))
        yield Jito(CONFIG, context), node
    await wire.close()


def allowed() -> None:
    """A permit that lets everything pass."""


class TestManifest(ConnectorContract):
    connector = CONNECTOR


class TestRoute(RouteContract):
    @pytest.fixture(autouse=True)
    async def serve(self) -> AsyncIterator[None]:
        async with route({"sendBundle": "ab" * 32}) as (self._route, self._node):
            yield

    async def route(self) -> Jito:
        return self._route

    def sent(self) -> int:
        return len(self._node.calls)

    def transaction(self) -> SignedTx:
        return TX


async def test_it_sends_one_base64_transaction_as_a_bundle() -> None:
    async with route({"sendBundle": "ab" * 32}) as (made, node):
        assert await made.submit(TX, allowed) == "ab" * 32
    assert node.calls == [("sendBundle", [[base64.b64encode(TX.raw).decode()], {"encoding": "base64"}])]


async def test_its_terms_are_the_recipes_tip_policy_and_atomic() -> None:
    async with route({}) as (made, _):
        terms = made.terms()
    assert (terms.tip_share_num, terms.tip_share_den, terms.min_tip, terms.max_tip) == (1, 10, 1_000, 10_000_000)
    assert terms.atomic


@pytest.mark.skipif(not PUBLISHED.exists() and os.environ.get("CI") != "true", reason="published accounts are not here")
def test_the_tip_accounts_are_the_published_ones() -> None:
    assert list(TIP_ACCOUNTS) == json.loads(PUBLISHED.read_text())["official"]["jito"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (RpcFault({"code": -32602, "message": "bundle contains an already processed transaction"}), Rejected),
        (RpcFault({"code": -32097, "message": "globally rate limited"}), RateLimited),
        (RpcFault({"code": 1, "message": "x"}, status=429), RateLimited),
        (b"", Unreachable),
        ({"bundle": 1}, Unreachable),
    ],
)
async def test_every_refusal_has_its_class(answer: object, error: type[RouteError]) -> None:
    async with route({"sendBundle": answer}) as (made, _):
        with pytest.raises(error):
            await made.submit(TX, allowed)


@pytest.mark.parametrize(
    ("answer", "word"),
    [([None], "unknown"), ([], "unknown"), ([{"bundle_id": "x", "confirmation_status": "finalized"}], "finalized")],
)
async def test_status_is_the_engines_word(answer: object, word: str) -> None:
    async with route({"getBundleStatuses": at_slot(answer)}) as (made, _):
        assert await made.status("x") == word


@pytest.mark.parametrize(
    ("tip", "words"),
    [({"min": 999}, "below 1000"), ({"max": 999}, "below tip.min"), ({"share": Ratio(3, 2)}, "whole profit")],
)
def test_check_names_a_tip_that_cannot_work(tip: dict[str, object], words: str) -> None:
    config = msgspec.structs.replace(CONFIG, tip=msgspec.structs.replace(TIP, **tip))
    assert words in " ".join(check(config, scope("sol")))


async def test_it_is_reached_when_it_names_published_tip_accounts() -> None:
    async with route({"getTipAccounts": list(TIP_ACCOUNTS)}) as (jito, node):
        assert await jito.reach() == "8 tip accounts"
    assert [method for method, _ in node.calls] == ["getTipAccounts"]


async def test_something_else_at_its_url_is_not_it() -> None:
    async with route({"getTipAccounts": ["11111111111111111111111111111111"]}) as (jito, _):
        with pytest.raises(Unreachable):
            await jito.reach()
