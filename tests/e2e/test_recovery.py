"""`kill -9` at any step of an attempt loses nothing: the next start settles it, and the book agrees with the chain."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from live_street import PAPER, EngineProcess, chains, evm_funds, solana_funds, variant

from hoploop.model.states import AttemptState

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

FINAL = {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}
POINTS = ["before_intent", "after_intent", "after_send", "before_settle"]
CRASHING = Path(__file__).with_name("crashing_engine.py")


class Family(NamedTuple):
    """How to run one chain's recipe and look at its executor's own funds."""

    recipe: str
    faster: tuple[str, str]
    funds: Callable[[Path], int]


# Short slots and blocks: a transaction that never left must die within seconds.
FAMILIES = {
    "solana": Family("solana_flash.yaml", ("slot_time: 200ms", "slot_time: 50ms"), solana_funds),
    "evm": Family("evm_flash.yaml", ("block_time: 500ms", "block_time: 200ms"), evm_funds),
}


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_loses_nothing(point: str, family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, faster, funds = FAMILIES[family]
    recipe = variant(PAPER / name, tmp_path / "recipe.yaml", faster)
    with chains(recipe, tmp_path) as served:
        before = funds(served)
        monkeypatch.setenv("CRASH_AT", point)
        crashed = EngineProcess(recipe, tmp_path / "s", served, script=CRASHING)
        assert crashed.wait() == -9, crashed.output()
        left = {attempt.id for attempt in crashed.attempts() if attempt.state not in FINAL}
        # Before its intent nothing of an attempt need be on disk: no byte of it can have left.
        assert left or point == "before_intent", "the crash left nothing open"

        again = EngineProcess(recipe, tmp_path / "s", served, "--for", "3s")
        assert again.wait() == 0, again.output()
        attempts = {attempt.id: attempt for attempt in again.attempts()}
        assert {attempt.state for attempt in attempts.values()} <= FINAL
        if point in ("before_intent", "after_intent"):
            assert {attempts[number].state for number in left} <= {AttemptState.LOST}
        else:
            assert {attempts[number].state for number in left} & {AttemptState.LANDED, AttemptState.REVERTED}
        assert len(attempts) > len(left), "the second run did nothing"
        assert funds(served) - before == sum(a.realized_gross or 0 for a in attempts.values())
