"""Each part of a checkup stands alone: one fault hides no other, and time is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from toy_connectors import GOOD, TOYS, Venue

from hoploop.checkup.problems import Checkup, Problem, exit_code, placed
from hoploop.checkup.run import check_up
from hoploop.errors import PermanentError, TransientError
from hoploop.model.chain import ChainFacts, Head
from hoploop.model.market import PoolSnapshot, PoolSpec
from hoploop.plugin.connector import Offer
from hoploop.plugin.kinds import Examined
from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Inspection, Pipeline
from hoploop.recipe.source import source_of
from hoploop.runtime.local_chains import Served

SERVED = {"eth": Served(endpoint="ipc:nowhere", extras={"toy_private": "http://127.0.0.1:1"})}
RICH = 10**20


class Node:
    """Client and examiner of a scripted chain."""

    identity, native, own, hangs, down = "31337", RICH, RICH, False, False

    def __init__(self, _config: object, _context: object) -> None:
        self.client = self

    async def open(self) -> ChainFacts:
        if self.down:
            raise TransientError("C101", "cannot connect to the node")
        return ChainFacts(identity=self.identity, head=Head(number=7), client="toy")

    async def balance(self, asset_address: str) -> int:
        return self.own if asset_address else self.native

    async def examine(self, wall_ns: int, orders: dict[str, Any]) -> Examined:
        if self.hangs:
            await asyncio.sleep(60)
        return Examined((), (f"largest {sorted(orders)}",))

    async def close(self) -> None:
        """Nothing is open."""


class Opened:
    """A chain that is only made."""

    def __init__(self, _config: object, _context: object) -> None:
        pass

    async def close(self) -> None:
        """Nothing is open."""


class Contradicted(Venue):
    async def snapshot(self, client: Any, pools: Sequence[PoolSpec]) -> Sequence[PoolSnapshot]:
        for pool in pools:
            raise PermanentError("C106", f"pool '{pool.id}': fee: the chain says 1/100")
        return ()


def registry(node: type[Node] | None = Node, venue: type[Venue] = Venue) -> Registry:
    """Toys of which the chain is scripted."""

    def offer(one: Offer) -> Offer:
        if one.kind == "chain":
            return msgspec.structs.replace(one, factory=Opened, examiner=node)
        return msgspec.structs.replace(one, factory=venue) if one.kind == "venue" else one

    return Registry([msgspec.structs.replace(toy, offers=tuple(map(offer, toy.offers))) for toy in TOYS])


def inspected(text: str, known: Registry) -> Inspection:
    found = Pipeline(known, {}).inspect(source_of(text.encode(), "r.yaml"))
    assert found.plan is not None, found.report
    return found


async def checked(known: Registry, text: str = GOOD, within_s: float = 20) -> tuple[Checkup, set[tuple[str, str]]]:
    """The checkup, and (code, place) of every finding."""
    found = inspected(text, known)
    assert found.plan is not None
    assert found.root is not None
    result = await check_up(found.plan, known, SERVED, lambda: 0, within_s)
    return result, {(one.code, ".".join(map(str, one.path))) for one in placed(found.root, result.problems)}


async def test_a_chain_that_agrees_has_facts_and_no_problems() -> None:
    result, found = await checked(registry())
    assert found == set()
    assert result.facts[0] == "eth: toy at 7"
    assert "eth: largest ['cycles']" in result.facts


async def test_an_unknown_connector_of_a_chain_is_said_to_compare_nothing() -> None:
    result, found = await checked(registry(node=None))
    assert found == {("R396", "chains.0.connector")}
    assert [problem.warning for problem in result.problems] == [True]


async def test_on_another_chain_nothing_else_is_compared() -> None:
    other = type("Other", (Node,), {"identity": "1", "native": 0})
    assert (await checked(registry(other, Contradicted)))[1] == {("G401", "chains.0.chain_id")}


async def test_every_pool_that_is_contradicted_is_named_beside_everything_else() -> None:
    poor = type("Poor", (Node,), {"native": 5, "own": 0})
    text = GOOD.replace("    lenders: [bank]\n", "").replace("risk:\n", 'risk:\n  floors: {weth: "1 WETH"}\n')
    assert (await checked(registry(poor, Contradicted), text))[1] == {
        ("C106", "venues.0.pools.0.name"),
        ("C106", "venues.1.pools.0.name"),
        ("R452", "chains.0.owner"),
        ("R452", "risk.floors.weth"),
        ("R452", "strategies.0.id"),
    }


async def test_what_does_not_end_in_time_is_named_and_the_rest_is_kept() -> None:
    slow = type("Slow", (Node,), {"hangs": True})
    result, found = await checked(registry(slow, Contradicted), within_s=0.3)
    assert ("R455", "chains.0.id") in found
    assert ("C106", "venues.0.pools.0.name") in found
    assert [one.message for one in result.problems if one.code == "R455"] == ["chains eth: no answer within 0.3 s"]


async def test_a_chain_that_is_down_is_one_problem() -> None:
    assert (await checked(registry(type("Down", (Node,), {"down": True}))))[1] == {("C101", "chains.0.endpoint")}


@pytest.mark.parametrize(
    ("codes", "code"), [([], 0), (["C101", "R455"], 69), (["C101", "C106"], 1), (["R395"], 0)], ids=str
)
def test_only_what_does_not_answer_ends_with_69(codes: list[str], code: int) -> None:
    found = inspected(GOOD, registry())
    assert found.root is not None
    problems = [
        Problem(code=one, message="m", section="chains", id="eth", warning=one.startswith("R39")) for one in codes
    ]
    assert exit_code(placed(found.root, problems)) == code
