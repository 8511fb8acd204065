"""`hoploop check` on running chains: a recipe that fits passes, each fault is found at its place, all at once."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_street import PAPER, chains, command, serving, variant

from hoploop.local.keys import local_seed

pytestmark = [pytest.mark.e2e, pytest.mark.chain]

RECIPE, SOLANA = PAPER / "two_chains.yaml", PAPER / "solana_flash.yaml"
EXECUTOR = "0xa080179994BB21c54A64798F214545Be658b8513"
DAI_POOL = 'weth_dai, address: "0xF43f50f65aDDca3E076DE48252AD454eFd532A7b"'

SOL_EMBEDDED = "endpoint: embedded\n    embedded: {seed: 7, slot_time: 200ms, traffic: true}"
SOL_ELSEWHERE = (
    ("${secret:embedded/solana_executor}", "${secret:env/CHECK_KEY}"),
    ("    url: embedded\n    tip", "    url: http://127.0.0.1:1\n    tip"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with chains(RECIPE, tmp_path_factory.mktemp("chains")) as file:
        yield file


class Checked:
    """One run of the command."""

    def __init__(self, recipe: Path, served: Path, *options: str) -> None:
        line = command("check", recipe, "--local", served, "--format", "json", *options)
        done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
        self.code, self.printed = done.returncode, done.stdout + done.stderr
        assert "Traceback" not in self.printed
        found: dict[str, Any] = json.loads(done.stdout) if done.stdout else {}
        self.findings = [one for report in found.values() for one in report["findings"]]

    def at(self) -> set[tuple[str, str]]:
        """(code, place) of every finding."""
        return {(one["code"], one["path"]) for one in self.findings}


@pytest.fixture
def faulty(served: Path, tmp_path: Path) -> Any:
    """Checks the recipe with some texts replaced."""

    def check(*replaced: tuple[str, str], of: Path = RECIPE, options: tuple[str, ...] = ()) -> Checked:
        return Checked(variant(of, tmp_path / "recipe.yaml", *replaced), served, *options)

    return check


def test_a_recipe_that_fits_its_chains_has_no_findings(served: Path) -> None:
    line = command("check", RECIPE, "--local", served)
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, "1 recipe, no findings" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "bytes saved by lookup tables" in done.stdout
    assert "5 pools are as the recipe says" in done.stdout


def test_every_fault_is_found_at_its_place_in_one_run(faulty: Any) -> None:
    found = faulty(
        (EXECUTOR, "0xa080179994BB21c54A64798F214545Be658b8514".lower()),
        ("symbol: USDC, decimals: 6}\n  - {id: dai", "symbol: USDC, decimals: 8}\n  - {id: dai"),
        (DAI_POOL + ", token0: weth, token1: dai", DAI_POOL + ", token0: usdc, token1: dai"),
        ('assets: [weth], fee: 5bps', 'assets: [weth], fee: 6bps'),
        ("symbol: JUP, decimals: 6", "symbol: JUP, decimals: 9"),
        ("J9qXWaYtrJuwSshN38M4LRzakVtYfUuRe3G3Vc4ZEauX", "HHCTy9RJY1XnRKyTeBhgBpAt42L9JLEtGmqiE2qwWhRZ"),
        ("fee: 25bps", "fee: 26bps"),
        ("daily_loss:", 'floors: {sol_w: "1_000_000 SOL"}\n  daily_loss:'),
    )
    assert found.code == 1
    assert found.at() >= {
        ("R451", "chains[0].executor"),
        ("R451", "assets[1].decimals"),
        ("C106", "venues[0].pools[1].name"),
        ("C106", "lenders[1].id"),
        ("R451", "assets[5].decimals"),
        ("C212", "chains[1].lookup_tables[0]"),
        ("C206", "venues[3].pools[1].fee"),
        ("R452", "risk.floors.sol_w"),
    }, found.printed


def test_a_node_of_another_chain_is_named_once(faulty: Any) -> None:
    found = faulty(("chain_id: 31337", "chain_id: 31338"))
    assert found.at() == {("G401", "chains[0].chain_id")}
    assert found.code == 1


def test_a_key_of_somebody_else_is_found_and_never_shown(
    faulty: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECK_KEY", "47" * 32)
    found = faulty(("${secret:embedded/evm_executor}", "${secret:env/CHECK_KEY}"))
    assert [code for code, path in found.at() if path == "chains[0].key"] == ["G302"]
    assert "47" * 8 not in found.printed


def test_a_node_that_does_not_answer_ends_with_69(faulty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECK_KEY", local_seed("solana/executor").hex())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("CHECK_NODE", f"http://127.0.0.1:{taken.getsockname()[1]}/hunter2")
        found = faulty((SOL_EMBEDDED, "endpoint: ${secret:env/CHECK_NODE}"), *SOL_ELSEWHERE, of=SOLANA)
    assert found.at() == {("C201", "chains[0].endpoint")}, found.printed
    assert found.code == 69
    assert "hunter2" not in found.printed


def test_an_endpoint_that_is_a_secret_is_used_and_not_shown(
    faulty: Any, served: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECK_KEY", local_seed("solana/executor").hex())
    monkeypatch.setenv("CHECK_NODE", serving(served, "sol").endpoint)
    found = faulty((SOL_EMBEDDED, "endpoint: ${secret:env/CHECK_NODE}"), *SOL_ELSEWHERE, of=SOLANA)
    # Nobody serves the block engine there, and a local cluster's clock is its own.
    assert found.at() <= {("R454", "chains[0].id"), ("C201", "routes[1].url")}, found.printed
    assert serving(served, "sol").endpoint not in found.printed


def test_a_silent_node_is_given_up_in_time(faulty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        found = faulty(
            ("    endpoint: embedded\n    embedded: {seed: 7, block_time: 500ms, traffic: true}",
             f"    endpoint: ws://127.0.0.1:{silent.getsockname()[1]}"),
            ("url: embedded, key", "url: http://127.0.0.1:1, key"),
            ("${secret:embedded/evm_executor}", "${secret:env/SOME_KEY}"),
            options=("--timeout", "2s"),
        )  # fmt: skip
    assert {code for code, _ in found.at()} >= {"R455", "G301"}
    assert "2 s" in found.printed
