"""Every route of every recipe keeps the contract against a fake server that counts what arrives."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from repository import RECIPES, ROOT, first_party, inspect_recipe

from hoploop.errors import HoploopError
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import Costs
from hoploop.plugin.kinds import Answers
from hoploop.plugin.testing import RouteContract
from hoploop.rehearsal.node import Replay
from hoploop.rehearsal.play import staged
from hoploop.rehearsal.tape import Answer, read_tape, tape_path

SENDS = ("sendTransaction", "sendBundle", "eth_sendRawTransaction", "eth_sendBundle", "eth_callBundle")


class FakeServer:
    """Answers reads from a tape, takes every transaction and counts it."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self.sent = 0
        self.tx_id = ""

    async def ask(self, method: str, params: Any) -> Answer:
        if method not in SENDS:
            return await self._replay.ask(method, params)
        self.sent += 1
        result = {"bundleHash": self.tx_id} if method == "eth_sendBundle" else self.tx_id
        return Answer(method=method, params=params, result=result)


class Case(RouteContract):
    """One route with a transaction that a dry run signed."""

    def __init__(self, route: Any, server: FakeServer, tx: SignedTx) -> None:
        self._route, self._server, self._tx = route, server, tx

    async def route(self) -> Any:
        return self._route

    def sent(self) -> int:
        return self._server.sent

    def transaction(self) -> SignedTx:
        return self._tx


def _routes() -> list[Any]:
    cases = []
    for path in RECIPES:
        plan = inspect_recipe(path).plan
        name = path.relative_to(ROOT / "recipes").with_suffix("").as_posix()
        cases += [pytest.param(path, route.id, id=f"{name}-{route.id}") for route in (plan.routes if plan else ())]
    return cases


@pytest.fixture
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    path, route_id = request.param
    assert isinstance(path, Path)
    plan = inspect_recipe(path).plan
    assert plan is not None
    chain_id = next(route.chain for route in plan.routes if route.id == route_id)
    chain = next(chain for chain in plan.chains if chain.id == chain_id)
    tape = read_tape(tape_path(path)).chains[chain.id]
    server = FakeServer(Replay(tape.answers))
    async with staged(plan, chain, first_party(), server.ask) as stage:
        await stage.prepare()
        decisions = [decision for batch in tape.batches for decision in stage.play(batch.updates())]
        built = next(decision.built for decision in decisions if decision.built is not None)
        server.tx_id = built.tx.id
        yield Case(stage.routes[route_id], server, built.tx)


def _cases() -> list[Any]:
    return [pytest.param(tuple(param.values), id=param.id) for param in _routes()]


@pytest.mark.parametrize("case", _cases(), indirect=True)
async def test_no_byte_leaves_when_the_permit_refuses(case: Case) -> None:
    await case.test_no_byte_leaves_when_the_permit_refuses()


@pytest.mark.parametrize("case", _cases(), indirect=True)
async def test_the_permit_is_asked_when_bytes_leave(case: Case) -> None:
    await case.test_the_permit_is_asked_when_bytes_leave()


@pytest.mark.parametrize("case", _cases(), indirect=True)
async def test_the_terms_are_sound(case: Case) -> None:
    await case.test_terms_are_sound()


@pytest.mark.parametrize("case", _cases(), indirect=True)
async def test_an_allowed_transaction_arrives_and_permission_was_asked_each_time(case: Case) -> None:
    asked: list[int] = []
    assert await (await case.route()).submit(case.transaction(), lambda: asked.append(1))
    assert case.sent() == len(asked) >= 1


@pytest.mark.parametrize("case", _cases(), indirect=True)
async def test_asking_whether_it_is_there_sends_no_transaction(case: Case) -> None:
    route = await case.route()
    if isinstance(route, Answers):
        with contextlib.suppress(HoploopError):  # the tape may not know the question
            await route.reach()
    assert case.sent() == 0


@pytest.mark.parametrize(("case", "which"), [(tuple(p.values), tuple(p.values)) for p in _routes()], indirect=["case"])
async def test_what_it_says_it_costs_are_its_terms(case: Case, which: tuple[Path, str]) -> None:
    plan = inspect_recipe(which[0]).plan
    assert plan is not None
    item = next(route for route in plan.routes if route.id == which[1])
    costs = first_party().offer("route", item.connector).costs
    said, terms = Costs() if costs is None else costs(item.config), (await case.route()).terms()
    assert (said.max_tip, said.atomic) == (terms.max_tip, terms.atomic)
    assert said.tip_account in ("", *terms.tip_accounts)
    assert bool(said.tip_account) == bool(terms.tip_accounts)
