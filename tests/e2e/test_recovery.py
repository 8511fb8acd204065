"""`kill -9` at any step of an attempt loses nothing: the next start settles it, and the book agrees with the chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, rpc, serving, variant

from hoploop.model.states import AttemptState

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

FINAL = {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}
POINTS = ["before_intent", "after_intent", "after_send", "before_settle"]
CRASHING = Path(__file__).with_name("crashing_engine.py")


def solana_funds(served: Path) -> int:
    """Executor's own wrapped SOL in lamports."""
    url = serving(served, "sol").endpoint
    mint = {"mint": "So11111111111111111111111111111111111111112"}
    owner = "HCgDchdHiLzV1AXFRsobiwYkpZYE4H2ZMpgrMp7e82Mz"
    found = rpc(url, "getTokenAccountsByOwner", owner, mint, {"encoding": "base64"})["value"]
    return sum(int(rpc(url, "getTokenAccountBalance", one["pubkey"])["value"]["amount"]) for one in found)


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_loses_nothing(point: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Short slots: a blockhash, and with it a transaction that never left, dies within seconds.
    recipe = variant(PAPER / "solana_flash.yaml", tmp_path / "recipe.yaml", ("slot_time: 200ms", "slot_time: 50ms"))
    with chains(recipe, tmp_path) as served:
        before = solana_funds(served)
        monkeypatch.setenv("CRASH_AT", point)
        crashed = EngineProcess(recipe, tmp_path / "s", served, script=CRASHING)
        assert crashed.wait() == -9, crashed.output()
        left = {attempt.id for attempt in crashed.attempts() if attempt.state not in FINAL}
        assert left, "the crash left nothing open"

        again = EngineProcess(recipe, tmp_path / "s", served, "--for", "2s")
        assert again.wait() == 0, again.output()
        attempts = {attempt.id: attempt for attempt in again.attempts()}
        assert {attempt.state for attempt in attempts.values()} <= FINAL
        if point in ("before_intent", "after_intent"):
            assert {attempts[number].state for number in left} == {AttemptState.LOST}
        else:
            assert AttemptState.LANDED in {attempts[number].state for number in left}
        assert len(attempts) > len(left), "the second run did nothing"
        assert solana_funds(served) - before == sum(a.realized_gross or 0 for a in attempts.values())
