"""Wiring: a secret endpoint reaches the connector and nothing else, and a route asks for no more than its costs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from repository import ROOT, first_party
from toy_connectors import GOOD, TOYS

from hoploop.errors import IncompatibleConnector, SignerUnavailable
from hoploop.plugin.connector import Costs, RouteContext
from hoploop.plugin.kinds import RouteTerms
from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Pipeline
from hoploop.recipe.plan import Plan
from hoploop.recipe.source import source_of
from hoploop.runtime.wiring import Wiring

NO_CLIENT: Any = None
URL = "wss://node.example/v2/hunter2"


def _plan(registry: Registry) -> Plan:
    text = (
        GOOD.replace("endpoint: embedded\n    embedded: {seed: 7, block_time: 500ms}", "endpoint: ${secret:env/NODE}")
        .replace("embedded/evm_executor", "env/KEY")
        .replace("url: embedded", "url: http://127.0.0.1:1")
    )
    found = Pipeline(registry, {}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is not None, found.report
    return found.plan


class Asking:
    """A route as far as wiring sees it."""

    def __init__(self, terms: RouteTerms) -> None:
        self._terms = terms

    def terms(self) -> RouteTerms:
        return self._terms


class Opened(Exception):
    """Ends the wiring as soon as the connector has its context."""


async def test_the_connector_is_handed_the_text_of_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE", URL)
    seen = []

    def factory(config: object, context: object) -> object:
        seen.append(context)
        raise Opened

    chain, *others = TOYS
    offer = msgspec.structs.replace(chain.offers[0], factory=factory)
    registry = Registry([msgspec.structs.replace(chain, offers=(offer,)), *others])
    plan = _plan(registry)
    with pytest.raises(Opened):
        await Wiring(plan, registry, {}).chain(plan.chains[0])
    assert [context.endpoint for context in seen] == [URL]  # type: ignore[attr-defined]
    assert "hunter2" not in repr(plan)
    assert plan.chains[0].endpoint == "${secret:env/NODE}"


async def test_a_secret_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE", raising=False)
    registry = Registry(TOYS)
    plan = _plan(registry)
    with pytest.raises(SignerUnavailable, match="env/NODE"):
        await Wiring(plan, registry, {}).chain(plan.chains[0])


def _keyed() -> tuple[Plan, Registry, list[RouteContext]]:
    """A recipe whose block engine and subscriptions need a key, and what its route was made with."""
    text = (ROOT / "recipes" / "paper" / "solana_flash.yaml").read_text("utf-8")
    for old, new in (
        ("endpoint: embedded\n", 'endpoint: "http://127.0.0.1:1"\n    websocket: ${secret:env/SUBSCRIBE}\n'),
        ("    embedded: {seed: 7, slot_time: 200ms, traffic: true}\n", ""),
        ("embedded/solana_executor", "env/KEY"),
        ("url: embedded", "url: ${secret:env/ENGINE}"),
    ):
        assert old in text
        text = text.replace(old, new)
    seen: list[RouteContext] = []

    def factory(config: object, context: RouteContext) -> Asking:
        seen.append(context)
        return Asking(RouteTerms(atomic=True))

    made = []
    for connector in first_party():
        offers = tuple(
            msgspec.structs.replace(offer, factory=factory) if offer.kind == "route" else offer
            for offer in connector.offers
        )
        made.append(msgspec.structs.replace(connector, offers=offers))
    registry = Registry(made)
    found = Pipeline(registry, {}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is not None, found.report
    return found.plan, registry, seen


def test_a_route_is_handed_the_text_of_its_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "https://engine.example/?uuid=hunter2")
    plan, registry, seen = _keyed()
    (item,) = (route for route in plan.routes if route.connector == "jito")
    Wiring(plan, registry, {}).route(item, plan.chains[0], NO_CLIENT)
    assert [context.endpoint for context in seen] == ["https://engine.example/?uuid=hunter2"]
    assert "hunter2" not in repr(plan)


def test_a_chain_is_handed_the_text_of_its_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUBSCRIBE", URL)
    plan, registry, _ = _keyed()
    context = Wiring(plan, registry, {}).context(plan.chains[0], "http://127.0.0.1:1")
    assert context.extras["ws"] == URL
    assert "hunter2" not in repr(plan)


@pytest.mark.parametrize(
    ("costs", "terms", "ok"),
    [
        (None, RouteTerms(), True),
        (None, RouteTerms(tip_accounts=("a",), max_tip=1), False),
        (Costs(max_tip=7), RouteTerms(tip_accounts=("a",), max_tip=7), True),
        (Costs(max_tip=7), RouteTerms(tip_accounts=("a",), max_tip=8), False),
        (Costs(max_tip=7), RouteTerms(max_tip=8), True),
        (Costs(atomic=True), RouteTerms(atomic=True), True),
        (Costs(atomic=True), RouteTerms(), False),
    ],
)
def test_a_route_asks_for_no_more_than_the_plan_was_made_with(
    costs: Costs | None, terms: RouteTerms, ok: bool
) -> None:
    toys = {toy.key: toy for toy in TOYS}
    offer = msgspec.structs.replace(
        toys["toy_private"].offers[0], factory=lambda *_: Asking(terms),
        costs=None if costs is None else lambda _: costs,
    )
    toys["toy_private"] = msgspec.structs.replace(toys["toy_private"], offers=(offer,))
    registry = Registry(toys.values())
    plan = _plan(Registry(TOYS))
    item = next(route for route in plan.routes if route.id == "private")
    wire = Wiring(plan, registry, {})
    if ok:
        wire.route(item, plan.chains[0], NO_CLIENT)
    else:
        with pytest.raises(IncompatibleConnector, match="private"):
            wire.route(item, plan.chains[0], NO_CLIENT)
