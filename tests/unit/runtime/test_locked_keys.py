"""A key that the system does not lock in memory may play, but never trade real money."""

from __future__ import annotations

import msgspec
import pytest
import structlog
from repository import ROOT, first_party, inspect_recipe

from hoploop.errors import SignerUnavailable
from hoploop.hot import EvmSigner, SolanaSigner
from hoploop.hot import signing as native_signing
from hoploop.model.chain import Mode
from hoploop.recipe.plan import Plan
from hoploop.rehearsal.node import Replay
from hoploop.rehearsal.play import staged
from hoploop.rehearsal.tape import read_tape, tape_path

RECIPE = ROOT / "recipes" / "paper" / "two_chains.yaml"


class Unlocked:
    """A signer of either family, as the system with a limit of nothing gives it."""

    locked = False

    def __init__(self, made: EvmSigner | SolanaSigner) -> None:
        self.public, self.sign = made.public, made.sign


@pytest.fixture(autouse=True)
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(native_signing._SIGNERS, "evm", lambda secret: Unlocked(EvmSigner(secret)))
    monkeypatch.setitem(native_signing._SIGNERS, "solana", lambda secret: Unlocked(SolanaSigner(secret)))


def _plan(mode: Mode) -> Plan:
    plan = inspect_recipe(RECIPE).plan
    assert plan is not None
    return msgspec.structs.replace(plan, mode=mode)


@pytest.mark.parametrize("chain", [0, 1])
async def test_live_engines_refuse_it(chain: int) -> None:
    plan = _plan("live")
    replay = Replay(read_tape(tape_path(RECIPE)).chains[plan.chains[chain].id].answers)
    with pytest.raises(SignerUnavailable, match="swapped to disk") as refused:
        async with staged(plan, plan.chains[chain], first_party(), replay.ask):
            raise AssertionError("wired with a key that may be swapped")
    assert refused.value.code == "G303"


@pytest.mark.parametrize("mode", ["paper", "dry"])
async def test_other_modes_say_so_and_go_on(mode: Mode) -> None:
    plan = _plan(mode)
    replay = Replay(read_tape(tape_path(RECIPE)).chains["sol"].answers)
    with structlog.testing.capture_logs() as logs:
        async with staged(plan, plan.chains[1], first_party(), replay.ask):
            pass
    warned = [line for line in logs if line.get("code") == "G303"]
    assert [(line["log_level"], line["family"]) for line in warned] == [("warning", "solana")]
