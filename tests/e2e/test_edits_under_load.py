"""A trading engine takes random edits of every kind: it loses nothing, and its book tells all of it."""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from live_street import PAPER, EngineProcess, chains, evm_funds, rpc, serving, solana_funds, variant, wait_for
from random_edits import Edit, Editor
from repository import first_party

from hoploop.errors import ControlError, RecipeError
from hoploop.model.attempts import Attempt
from hoploop.model.events import AttemptAdvanced, AttemptIntended, RecipeChanged, RecipeRefused
from hoploop.model.states import ATTEMPT, AttemptState, advance
from hoploop.recipe.diff import Change, diff, hardest
from hoploop.recipe.load import Pipeline
from hoploop.recipe.propose import Loaded, Proposal, Replayer, loaded
from hoploop.recipe.source import read_source

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

EDITS = int(os.environ.get("HOPLOOP_EDITS", "25"))
"""Edits that are taken; those that are refused come on top. 1000 in `just deep`."""
SEED = int(os.environ.get("HOPLOOP_EDITS_SEED", "7"))
NUMBERING = Path(__file__).with_name("numbering_engine.py")
WHOLE = (
    # Everything a recipe can limit is there to be changed. No breaker trips: only an operator could go on.
    ('daily_loss: {weth: "1 WETH", sol_w: "5 SOL"}', """daily_loss: {weth: "1 WETH", sol_w: "5 SOL"}
  floors: {weth: "0.01 WETH", sol_w: "0.01 SOL"}
  rate: 6000/m
  breakers:
    - {id: reverts, on: reverted, count: 100, within: 1m, unlock: 1s}
    - {id: losses, on: unprofitable, count: 100, within: 1m, unlock: 1s, strategies: [eth_cycles]}"""),
    ("strategies:\n", """universes:
  - {id: on_eth, chain: eth, pools: [uni2, cake2, uni3], exclude: [dai]}
  - {id: on_sol, chain: sol, assets: [sol_w, sol_usdc, sol_jup]}

strategies:
"""),
    ("    base: weth\n", "    base: weth\n    universes: [on_eth]\n    suppress: {after: 5, retry: 1s}\n"),
    ("    base: sol_w\n", "    base: sol_w\n    universes: [on_sol]\n    rate: 3000/m\n    max_age: 1s\n"),
    ('size: {max_notional: "50 WETH"}', 'size: {max_notional: "50 WETH", min_notional: "0.001 WETH", own_share: 90%}'),
    ("lenders: [balancer, aave]", 'lenders: [balancer, aave]\n    lender_caps: {aave: "40 WETH"}'),
    ("    cooldown: 0ms\n", "    cooldown: 1ms\n"),
    ("block_time: 500ms", "block_time: 250ms"),
)  # fmt: skip


class Street(NamedTuple):
    """A running engine, and what both sides of it held before."""

    engine: EngineProcess
    served: Path
    start: Loaded
    numbers: Path
    before: dict[str, int]


def held(served: Path) -> dict[str, int]:
    """Own funds by asset, and how many transactions the EVM account has made."""
    owner = "0x00ea71424672779E493B3488eEe11383110eD810"
    count = int(rpc(serving(served, "eth").endpoint, "eth_getTransactionCount", owner, "latest"), 16)
    return {"weth": evm_funds(served), "sol_w": solana_funds(served), "transactions": count}


@pytest.fixture
def street(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    recipe = variant(PAPER / "two_chains.yaml", tmp_path / "recipe.yaml", *WHOLE)
    numbers = tmp_path / "numbers"
    monkeypatch.setenv("EVENT_NUMBERS", str(numbers))
    start = loaded(Pipeline(first_party(), {}).inspect(read_source(recipe)))
    with chains(recipe, tmp_path) as served:
        before = held(served)
        engine = EngineProcess(recipe, tmp_path / "s", served, script=NUMBERING)
        try:
            yield Street(engine, served, start, numbers, before)
        finally:
            engine.process.kill()
            engine.wait()


class Desk:
    """An operator who knows what must come of everything he asks for."""

    def __init__(self, engine: EngineProcess) -> None:
        self._engine, self._replayer = engine, Replayer(first_party())
        self.refused: list[str] = []
        self.taken = 0
        self.told = Counter[str]()

    def running(self) -> dict[str, Any]:
        """What runs."""
        return self._engine.ask("recipe")

    def ask(self, edit: Edit, *, unhealthy: bool = False) -> None:
        """Ask for an edit: it is taken, or refused as it must be without a trace but the ledger's."""
        before = self.running()
        proposal = self._proposal(before, edit)
        code = self._asked(before, edit, proposal)
        expected = self._expected(edit, proposal, unhealthy)
        if code not in expected:
            pytest.fail(f"{self.told.total()}: {code!r} is not one of {expected}: {repr(edit)[:2_000]}")
        self.told[f"{edit.kind}: {code or 'taken'}"] += 1
        after = self.running()
        if code:
            self.refused.append(code)
        if code or proposal is None or not proposal.changes:
            assert after == before
        else:
            self.taken += 1
            assert after["document"] == as_json(proposal.loaded.document)
            assert after["fingerprint"] == proposal.loaded.plan.fingerprint
            assert after["generation"] == before["generation"] + 1

    def _proposal(self, running: dict[str, Any], edit: Edit) -> Proposal | None:
        """What the edit leads to; None when it leads nowhere."""
        try:
            return self._replayer.replay(running["document"], edit.changes)
        except RecipeError:
            return None

    def _expected(self, edit: Edit, proposal: Proposal | None, unhealthy: bool) -> set[str]:
        """Codes, the first that applies; empty text: it is taken."""
        if edit.old_generation:
            return {"G111"}
        if proposal is None:
            return {"R400", "R500"}
        changes = proposal.changes
        if edit.wrong_fingerprint:
            return {"G111"}
        if hardest(changes) == "engine":
            return {"G112"}
        if any(one.raises_risk for one in changes) and not edit.accept_risk:
            return {"G113"}
        if unhealthy:
            return {"G114"}
        # Whether new components work is the chain's to say.
        return {"", "G114", "G115"} if hardest(changes) == "component" else {""}

    def _asked(self, running: dict[str, Any], edit: Edit, proposal: Proposal | None) -> str:
        """The code it was refused with."""
        fingerprint = "" if proposal is None or edit.wrong_fingerprint else proposal.loaded.plan.fingerprint
        try:
            self._engine.ask_raw(
                "apply", changes=msgspec.to_builtins(edit.changes), accept_risk=edit.accept_risk,
                generation=running["generation"] - edit.old_generation, fingerprint=fingerprint,
            )  # fmt: skip
        except ControlError as error:
            return error.code
        return ""


def as_json(document: Any) -> Any:
    """As the control socket tells it."""
    return json.loads(json.dumps(document))


def unpaused(engine: EngineProcess, recipe: str) -> bool:
    """Whether the gate is open, or only a breaker had closed it."""
    if engine.gate() == "paused":
        engine.ask("resume", recipe=recipe)
    return engine.gate() == "armed"


@contextmanager
def out_of_reach(served: Path) -> Iterator[None]:
    """Nobody can connect to the EVM node; who is connected stays so."""
    socket = Path(serving(served, "eth").endpoint.removeprefix("ipc:"))
    aside = socket.with_suffix(".aside")
    socket.rename(aside)
    try:
        yield
    finally:
        aside.rename(socket)


def landed(engine: EngineProcess) -> dict[str, int]:
    """Attempts landed so far, by chain."""
    status = engine.status()
    assert status is not None, engine.output()
    return {chain["id"]: chain["attempts"]["landed"] for chain in status["chains"]}


def trades(engine: EngineProcess, recipe: str) -> None:
    """Wait until both chains land attempts after now."""
    before = landed(engine)
    wait_for(
        lambda: unpaused(engine, recipe) and all(count > before[chain] for chain, count in landed(engine).items()),
        180, "an attempt on each chain",
    )  # fmt: skip


def test_edits_of_every_kind_under_load_lose_nothing_and_can_be_replayed(street: Street) -> None:
    engine, start = street.engine, street.start
    wait_for(lambda: engine.landed() >= 1, 120, "a landed attempt")
    schemas, first = Pipeline(first_party(), {}).schemas, as_json(start.document)
    desk, editor, chance = Desk(engine), Editor(SEED, schemas, first), Random(SEED)
    began = time.monotonic()
    while desk.taken < EDITS:
        if chance.random() < 0.04:
            with out_of_reach(street.served):
                price = chance.randint(1, 9)
                desk.ask(Edit("unreachable", (gas_price(f"3.{price} gwei"),)), unhealthy=True)
        else:
            desk.ask(editor.edit(desk.running()["document"]))
        assert unpaused(engine, start.plan.recipe), engine.status() or engine.output()
    seconds = time.monotonic() - began
    meanwhile = landed(engine)
    desk.ask(Edit("all back", diff(desk.running()["document"], first, schemas)))
    trades(engine, start.plan.recipe)
    print(f"{desk.taken} edits taken, {len(desk.refused)} refused in {seconds:.0f} s; landed meanwhile: {meanwhile}")
    print(*sorted(desk.told.items()), sep="\n")

    running = desk.running()
    engine.ask("kill")
    assert engine.wait() == 0, engine.output()
    told = engine.events()
    assert [one.code for one in told if isinstance(one, RecipeRefused)] == desk.refused
    assert replayed(start, told) == (running["document"], running["fingerprint"])
    nothing_is_missing(street, told)
    assert '"level": "error"' not in engine.paths.log.read_text("utf-8")
    agree_with_the_chains(street)


def gas_price(text: str) -> Change:
    """New components for the EVM chain, valid and healthy."""
    way = ("chains", "eth", "fees", "gas_price")
    return Change(way=way, before=None, after=json.dumps(text), apply="component", raises_risk=False)


def replayed(start: Loaded, told: list[Any]) -> tuple[Any, str]:
    """Document and fingerprint that the ledger's changes lead to, step by step."""
    replayer, document, fingerprint = Replayer(first_party()), start.document, start.plan.fingerprint
    for event in told:
        if isinstance(event, RecipeRefused):
            assert event.fingerprint == fingerprint
        elif isinstance(event, RecipeChanged):
            assert event.before == fingerprint
            changes = [msgspec.convert(one, Change) for one in event.changes]
            made = replayer.replay(document, changes)
            document, fingerprint = made.loaded.document, made.loaded.plan.fingerprint
            assert fingerprint == event.after
    return as_json(document), fingerprint


def nothing_is_missing(street: Street, told: list[Any]) -> None:
    """Every number that was given is in the ledger or was for consoles only; every attempt went step by step."""
    kept = [event.seq for event in told if not isinstance(event, AttemptIntended)]
    assert kept == sorted(set(kept))
    passing = [int(line) for line in street.numbers.read_text("ascii").split()]
    assert sorted([*kept, *passing]) == list(range(1, kept[-1] + 1))

    states: dict[int, AttemptState] = {}
    for event in told:
        if isinstance(event, AttemptAdvanced):
            attempt = event.attempt
            before = states.get(attempt.id)
            states[attempt.id] = attempt.state if before is None else advance(ATTEMPT, before, attempt.state)
    assert sorted(states) == list(range(1, len(states) + 1))
    assert set(states.values()) <= {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}
    assert states == {one.id: one.state for one in street.engine.attempts()}


def agree_with_the_chains(street: Street) -> None:
    """To the unit: what attempts earned is there, and no transaction was made that no attempt knows of."""
    ended = [one for one in street.engine.attempts() if one.state in (AttemptState.LANDED, AttemptState.REVERTED)]
    after = held(street.served)
    gained = {name: after[name] - street.before[name] for name in after}
    for asset in ("weth", "sol_w"):
        assert gained[asset] == sum(earned(one) for one in ended if one.asset == asset)
    assert gained["transactions"] == len([one for one in ended if one.chain == "eth"])


def earned(attempt: Attempt) -> int:
    """What an attempt added to own funds; fees and tips come from elsewhere."""
    return attempt.realized_gross or 0
