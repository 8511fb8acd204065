"""However the kill comes, no byte leaves after it: seen from the chain's side while opportunities pour in."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from live_street import PAPER, EngineProcess, chains, command, serving, variant, wait_for
from wire_tap import WireTap

from hoploop.model.states import AttemptState
from hoploop.runtime.local_chains import Served, write_served

pytestmark = [pytest.mark.e2e, pytest.mark.chain]


def by_command(engine: EngineProcess) -> None:
    subprocess.run(command("kill", "--state-dir", engine.paths.folder), check=True, capture_output=True)


def by_console(engine: EngineProcess) -> None:
    assert engine.ask("kill")["state"] == "tripped"


def by_signal(engine: EngineProcess) -> None:
    engine.process.send_signal(signal.SIGUSR1)
    wait_for(lambda: engine.gate() != "armed", 10, "the signal's effect")


def by_file(engine: EngineProcess) -> None:
    engine.paths.kill_file.touch()


class Street:
    """Chains under heavy traffic, with a tap on every way a transaction can take."""

    def __init__(self, recipe: Path, served: Path, taps: list[WireTap]) -> None:
        self.recipe, self.served, self.taps = recipe, served, taps

    def arrivals(self) -> dict[str, int]:
        """Signature -> monotonic arrival, over all ways."""
        return {one.signature: one.at_ns for tap in self.taps for one in tap.arrivals}


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("kill")
    # Short slots, many at once, and no wait: as many opportunities as the chain can make.
    faster = (("slot_time: 200ms", "slot_time: 50ms"), ("max_in_flight: 4", "max_in_flight: 16"))
    recipe = variant(PAPER / "solana_flash.yaml", folder / "recipe.yaml", *faster)
    with ExitStack() as stack:
        direct = serving(stack.enter_context(chains(recipe, folder)), "sol")
        node = stack.enter_context(WireTap(direct.endpoint))
        engine = stack.enter_context(WireTap(direct.extras["jito"]))
        tapped = Served(endpoint=node.url, extras={**direct.extras, "jito": engine.url})
        write_served(folder / "tapped.json", {"sol": tapped})
        yield Street(recipe, folder / "tapped.json", [node, engine])


@pytest.mark.parametrize("kill", [by_command, by_console, by_signal, by_file])
def test_nothing_arrives_that_was_not_sent_before_the_kill(
    kill: Callable[[EngineProcess], None], street: Street, tmp_path: Path
) -> None:
    known = set(street.arrivals())
    engine = EngineProcess(street.recipe, tmp_path / "s", street.served)
    wait_for(lambda: engine.landed() >= 5, 60, "five landed attempts")
    kill(engine)
    killed_ns = time.monotonic_ns()
    assert engine.wait() == 0, engine.output()

    permitted = {a.tx_id: a.sent_ns for a in engine.attempts() if a.sent_ns}
    arrived = {key: at_ns for key, at_ns in street.arrivals().items() if key not in known}
    assert set(arrived) <= set(permitted), "bytes left that the gate never saw"
    assert max(permitted.values()) <= killed_ns, "the gate let bytes through after the kill"
    assert {a.state for a in engine.attempts()} <= {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}


def test_a_killed_recipe_comes_up_tripped_until_a_named_operator_clears_it(street: Street, tmp_path: Path) -> None:
    engine = EngineProcess(street.recipe, tmp_path / "s", street.served)
    wait_for(lambda: engine.landed() >= 1, 60, "a landed attempt")
    by_console(engine)
    assert engine.wait() == 0

    again = EngineProcess(street.recipe, tmp_path / "s", street.served, "--for", "1s")
    before = len(engine.attempts())
    assert again.wait() == 0
    assert "gate tripped" in again.output()
    assert len(again.attempts()) == before

    cleared = EngineProcess(street.recipe, tmp_path / "s", street.served, "--for", "2s", "--clear-trip", "ann")
    assert cleared.wait() == 0
    assert any(a.state is AttemptState.LANDED for a in cleared.attempts()[:-before])
