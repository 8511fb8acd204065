"""The demonstration does what the README promises: profit on two chains, exact to the unit, nothing left open."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from live_street import command

from hoploop.ledger.reader import Reader
from hoploop.model.attempts import Attempt
from hoploop.model.states import AttemptState

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

EXPLAINED = {"", "pools_moved"}


class Shown:
    """One headless run: what it printed and what its book says."""

    def __init__(self, summary: dict[str, Any], attempts: tuple[Attempt, ...]) -> None:
        self.summary, self.attempts = summary, attempts


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    state = tmp_path_factory.mktemp("state")
    patch = pytest.MonkeyPatch()
    patch.setenv("HOPLOOP_STATE", str(state))
    done = subprocess.run(
        command("demo", "--headless", "--for", "30s", "--json"),
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    patch.undo()
    assert done.returncode == 0, done.stderr
    with Reader(state / "two_chains" / "ledger.db") as book:
        yield Shown(json.loads(done.stdout.splitlines()[-1]), book.attempts(limit=100_000))


@pytest.mark.parametrize("chain", ["eth", "sol"])
def test_at_least_twenty_land_and_half_of_them_borrow(demo: Shown, chain: str) -> None:
    found = demo.summary["chains"][chain]
    assert found["attempts"]["landed"] >= 20
    assert found["flash_loans"]["used"] == found["flash_loans"]["repaid"]
    assert 2 * found["flash_loans"]["used"] >= found["attempts"]["landed"]
    assert found["attempts"]["unknown"] == 0
    assert all(int(amount) > 0 for amount in found["profit"]["realized"].values())


def test_two_lenders_lend_on_evm(demo: Shown) -> None:
    assert len(demo.summary["chains"]["eth"]["flash_loans"]["by_lender"]) >= 2


def test_what_landed_first_paid_what_was_predicted_to_the_unit(demo: Shown) -> None:
    landed = [a for a in demo.attempts if a.state is AttemptState.LANDED]
    undisturbed = [a for a in landed if a.difference != "pools_moved"]
    assert undisturbed
    assert [a for a in undisturbed if a.realized_net != a.predicted_net] == []
    assert [a for a in landed if a.realized_net != a.predicted_net and not a.difference] == []


def test_every_difference_is_explained(demo: Shown) -> None:
    assert {a.difference for a in demo.attempts} <= EXPLAINED


def test_nothing_was_sent_that_failed_simulation_and_all_is_final(demo: Shown) -> None:
    failed = [a for a in demo.attempts if a.reason.startswith("simulation")]
    assert all(a.sent_ns == 0 for a in failed)
    assert {a.state for a in demo.attempts} <= {AttemptState.LANDED, AttemptState.REVERTED, AttemptState.LOST}


def test_the_book_and_the_summary_agree(demo: Shown) -> None:
    for name, chain in demo.summary["chains"].items():
        ended = [
            a for a in demo.attempts if a.chain == name and a.state in (AttemptState.LANDED, AttemptState.REVERTED)
        ]
        for asset, amount in chain["profit"]["realized"].items():
            assert int(amount) == sum(a.realized_net or 0 for a in ended if a.asset == asset)


def test_latencies_are_measured(demo: Shown) -> None:
    for name in ("update_to_candidate", "update_to_signed", "signed_to_sent"):
        found = demo.summary["latency_us"][name]
        assert 0 < found["p50"] <= found["p99"]
        assert found["n"] >= 40


def test_routes_of_both_kinds_were_used(demo: Shown) -> None:
    landed = {a.route for a in demo.attempts if a.state is AttemptState.LANDED}
    assert landed == {"eth_relay", "eth_public", "sol_jito", "sol_rpc"}
