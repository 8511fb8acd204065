"""Cycles of four hops on both chains: found, sized, composed, simulated, landed and booked to the unit."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import four_hops_evm
import four_hops_solana
import pytest
from live_street import EngineProcess, chains, command, rpc, serving, variant, wait_for

from hoploop.cli import main
from hoploop.local.evm import world_addresses
from hoploop.local.evm.contracts import encode_call
from hoploop.model.attempts import Attempt
from hoploop.model.states import AttemptState
from hoploop.recipe.load import load

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE = Path(__file__).with_name("four_hops.yaml")
CHAINS = ("eth", "sol")
FAR, NEAR = 25_000, 4_000
"""A price this many millionths away asks for a loan; moved by so little once more, own capital is enough."""
RETRY_NS = 4 * 10**9
TORN = [
    ("pools: [uni2, cake2, uni3]", "pools: [uni2, cake2, uni3, torn_eth]\n    suppress: {after: 2, retry: 4s}"),
    ("pools: [amm]", "pools: [amm, torn_sol]\n    suppress: {after: 2, retry: 4s}"),
]
TABLE = 'lookup_tables: ["J9qXWaYtrJuwSshN38M4LRzakVtYfUuRe3G3Vc4ZEauX"]'


class Hand(Protocol):
    """Moves the price of the fourth asset."""

    def push(self, ppm: int) -> None: ...
    def nudge(self, ppm: int) -> None: ...
    def mend(self) -> None: ...


class Scene(NamedTuple):
    """Both chains up, with the fourth asset on them."""

    recipe: Path
    served: Path
    hands: Mapping[str, Hand]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("four_hops")
    world = four_hops_solana.write(folder / "world")
    recipe = variant(RECIPE, folder / "four_hops.yaml", ("world: WORLD", f'world: "{world}"'))
    with chains(recipe, folder) as served:
        eth = serving(served, "eth").endpoint
        at = asyncio.run(four_hops_evm.build(eth))
        assert set(at.values()) <= {pool.address for pool in load(recipe).pools} | {at["wbtc"]}
        sol = serving(served, "sol").endpoint
        hands: dict[str, Hand] = {"eth": four_hops_evm.Hand(eth, at), "sol": four_hops_solana.Hand(sol)}
        yield Scene(recipe, served, hands)


@contextmanager
def running(recipe: Path, folder: Path, scene: Scene) -> Iterator[EngineProcess]:
    """An engine on the scene's chains that does not outlive its test."""
    engine = EngineProcess(recipe, folder, scene.served)
    try:
        wait_for(lambda: engine.landed() >= 0, 60, "the engine")
        yield engine
    finally:
        engine.process.terminate()
        engine.wait()


def drive(engine: EngineProcess, hands: Mapping[str, Hand], enough: Callable[[tuple[Attempt, ...]], bool]) -> None:
    """Move prices far up, a little more, far down, a little more, each time all attempts have ended, until enough."""
    until = time.monotonic() + 200
    for far, near in itertools.cycle(((FAR, NEAR), (-FAR, -NEAR))):
        for hand in hands.values():
            hand.push(far)
        settle(engine, hands)
        for hand in hands.values():
            hand.nudge(near)
        settle(engine, hands)
        if enough(engine.attempts()):
            return
        assert time.monotonic() < until, engine.status()


def settle(engine: EngineProcess, chains: Iterable[str]) -> None:
    """Give the engine time to look at the new prices, and wait for what it made of them."""
    time.sleep(0.3)
    wait_for(lambda: idle(engine, set(chains)), 60, "an end")


def idle(engine: EngineProcess, chains: set[str]) -> bool:
    """Whether nothing is under way on these chains."""
    status = engine.status()
    return status is not None and all(chain["in_flight"] == 0 for chain in status["chains"] if chain["id"] in chains)


def ended(engine: EngineProcess) -> tuple[Attempt, ...]:
    """Stop it; its attempts in the order they began."""
    engine.process.terminate()
    assert engine.wait() == 0, engine.output()
    return engine.attempts()[::-1]


def path(attempt: Attempt) -> tuple[str, ...]:
    return tuple(attempt.shape.partition(":")[2].split(">"))


def landed(attempts: Iterable[Attempt], chain: str) -> list[Attempt]:
    return [one for one in attempts if one.chain == chain and one.state is AttemptState.LANDED]


def exact(attempt: Attempt) -> bool:
    return attempt.realized_net == attempt.predicted_net


def own_funds(scene: Scene) -> dict[str, int]:
    """What the executor holds of the base asset, by chain."""
    at = world_addresses()
    data = "0x" + encode_call("balanceOf(address)", at["executor"]).hex()
    weth = rpc(serving(scene.served, "eth").endpoint, "eth_call", {"to": at["weth"], "data": data}, "latest")
    wrapped = rpc(serving(scene.served, "sol").endpoint, "getTokenAccountBalance", four_hops_solana.own_account())
    return {"eth": int(weth, 16), "sol": int(wrapped["value"]["amount"])}


def test_four_hops_land_with_a_loan_and_with_own_capital_to_the_unit(scene: Scene, tmp_path: Path) -> None:
    def both_ways(attempts: tuple[Attempt, ...]) -> bool:
        kinds = {(one.chain, one.lender is None) for chain in CHAINS for one in landed(attempts, chain) if exact(one)}
        return len(kinds) == 4

    before = own_funds(scene)
    with running(scene.recipe, tmp_path / "s", scene) as engine:
        drive(engine, scene.hands, both_ways)
        attempts = ended(engine)
    assert {len(path(one)) for one in attempts} == {4}, "shorter cycles pay, too"
    for chain, funds in own_funds(scene).items():
        assert all(exact(one) or one.difference == "pools_moved" for one in landed(attempts, chain))
        assert funds - before[chain] == sum(one.realized_gross or 0 for one in attempts if one.chain == chain)


class Rest(NamedTuple):
    """How long a path was left alone after failures in a row."""

    chain: str
    path: tuple[str, ...]
    began_ns: int
    ended_ns: int


def rests(attempts: Iterable[Attempt]) -> Iterator[Rest]:
    """From each failure that was the second in a row or a later one to the next attempt on the path."""
    failed: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for one in sorted(attempts, key=lambda one: one.id):
        row = failed[path(one)]
        if len(row) >= 2:
            yield Rest(one.chain, path(one), row[-1], one.found_ns)
        if one.state is AttemptState.LANDED:
            row.clear()
        elif one.settled_ns:
            row.append(one.settled_ns)


def test_a_path_that_keeps_failing_rests_while_the_next_best_lands_and_is_tried_again(
    scene: Scene, tmp_path: Path
) -> None:
    def torn(one: Attempt) -> bool:
        return any(pool.startswith("torn_") for pool in path(one))

    def beside(one: Attempt, rest: Rest) -> bool:
        """Landed meanwhile through the same pools but the torn one."""
        differ = [there != here for there, here in zip(path(one), rest.path, strict=True)]
        return sum(differ) == 1 and rest.began_ns < one.found_ns < rest.ended_ns

    def rested(attempts: tuple[Attempt, ...]) -> bool:
        found = {
            rest.chain for rest in rests(attempts) if any(beside(one, rest) for one in landed(attempts, rest.chain))
        }
        return found == set(CHAINS)

    def mended(attempts: tuple[Attempt, ...]) -> bool:
        return all(any(torn(one) for one in landed(attempts, chain)) for chain in CHAINS)

    recipe = variant(scene.recipe, tmp_path / "torn.yaml", *TORN)
    with running(recipe, tmp_path / "s", scene) as engine:
        drive(engine, scene.hands, rested)
        assert '"suppressed"' in said(engine, recipe, "tap", "--only", "OpportunityRefused")
        assert said(engine, recipe, "top").count(" suppressed ") >= len(CHAINS)
        failed = {(one.state, one.reason, one.sent_ns) for one in engine.attempts() if torn(one)}
        assert failed == {(AttemptState.LOST, "simulation_failed", 0)}
        for hand in scene.hands.values():
            hand.mend()
        drive(engine, scene.hands, mended)
        attempts = ended(engine)
    assert all(rest.ended_ns - rest.began_ns >= RETRY_NS for rest in rests(attempts))


def said(engine: EngineProcess, recipe: Path, *arguments: str) -> str:
    """What a watching command prints within half a second."""
    asked = command(arguments[0], recipe, "--state-dir", engine.paths.folder, "--for", "500ms", *arguments[1:])
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout


def test_four_hops_without_a_lookup_table_are_refused_offline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = variant(RECIPE, tmp_path / "bare.yaml", (TABLE, "lookup_tables: []"))
    assert main.run(["validate", str(recipe)]) == 1
    shown = capsys.readouterr().out
    assert "R327" in shown
    assert "(limit 1232)" in shown


def test_four_hops_that_a_lookup_table_does_not_cover_are_dropped_and_never_sent(scene: Scene, tmp_path: Path) -> None:
    edits = [
        (TABLE, f'lookup_tables: ["{four_hops_solana.BARE}"]'),
        ("pools: [amm]", "pools: [amm]\n    own_capital: false"),
        ("order: [sol_jito, sol_rpc]", "order: [sol_jito]"),
    ]
    recipe = variant(scene.recipe, tmp_path / "bare.yaml", *edits)
    with running(recipe, tmp_path / "s", scene) as engine:
        drive(engine, {"sol": scene.hands["sol"]}, lambda attempts: any(one.chain == "sol" for one in attempts))
        attempts = [one for one in ended(engine) if one.chain == "sol"]
    assert {(one.state, one.reason, one.sent_ns) for one in attempts} == {(AttemptState.LOST, "build_failed", 0)}
    assert all("C211" in one.detail for one in attempts)
