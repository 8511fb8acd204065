"""A secret endpoint reaches the connector, and nothing else."""

from __future__ import annotations

import msgspec
import pytest
from toy_connectors import GOOD, TOYS

from hoploop.errors import SignerUnavailable
from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Pipeline
from hoploop.recipe.plan import Plan
from hoploop.recipe.source import source_of
from hoploop.runtime.wiring import Wiring

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
