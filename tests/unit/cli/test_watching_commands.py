"""tap, top and ledger say what an engine and its book say, and nothing when there is nothing."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hoploop.cli import main
from hoploop.cli.watching import table
from hoploop.ledger.writer import Writer
from hoploop.model.attempts import Attempt
from hoploop.model.events import AttemptAdvanced, RunStarted
from hoploop.model.states import AttemptState
from hoploop.model.status import (
    AttemptCounts,
    ChainStatus,
    EngineStatus,
    FlashCounts,
    GateStatus,
    Latency,
    Profit,
    Quantiles,
)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    def fail(error: Exception) -> None:
        raise AssertionError(error)

    writer = Writer.open(tmp_path / "ledger.db", wall_ns=lambda: 1_700_000_000 * 10**9, on_failure=fail)
    writer.record(RunStarted(at_ns=1_700_000_000 * 10**9, recipe="r", fingerprint="f00d", mode="paper", version="1"))
    for number, state in ((1, AttemptState.LANDED), (2, AttemptState.REVERTED)):
        at = 1_700_000_000 * 10**9
        writer.record(AttemptAdvanced(at_ns=at, attempt=_attempt(number, state)))
    writer.close()
    return tmp_path


def _attempt(number: int, state: AttemptState) -> Attempt:
    blank: dict[str, Any] = {}
    for field in msgspec.structs.fields(Attempt):
        if field.required:
            blank[field.name] = 0 if "int" in str(field.type) else ""
    named = {"id": number, "state": state, "chain": "eth", "strategy": "s", "shape": "own:a>b", "asset": "weth"}
    return Attempt(**blank | named | {"realized_net": 10**30 if state is AttemptState.LANDED else -5})


def test_attempts_are_listed_newest_first(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["ledger", "attempts", "r", "--state-dir", str(book)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["id", "state", "chain"]
    assert [line.split()[:2] for line in lines[1:]] == [["2", "reverted"], ["1", "landed"]]


def test_amounts_are_whole_in_every_format(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["ledger", "attempts", "r", "--state-dir", str(book), "--state", "landed", "--format", "csv"])
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["realized_net"] == str(10**30)
    main.run(["ledger", "days", "r", "--state-dir", str(book), "--format", "json"])
    (day,) = json.loads(capsys.readouterr().out)
    assert (day["landed"], day["reverted"], day["realized"]) == (1, 1, 10**30 - 5)


def test_runs_are_listed(book: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["ledger", "runs", "r", "--state-dir", str(book), "--format", "json"]) == 0
    assert [run["fingerprint"] for run in json.loads(capsys.readouterr().out)] == ["f00d"]


def test_an_unknown_state_and_a_missing_book_are_said(book: Path, tmp_path: Path) -> None:
    assert main.run(["ledger", "attempts", "r", "--state-dir", str(book), "--state", "flying"]) == 64
    assert main.run(["ledger", "days", "r", "--state-dir", str(tmp_path / "none")]) == 74


@pytest.mark.parametrize("command", ["tap", "top"])
def test_without_an_engine_they_end_with_69(command: str, tmp_path: Path) -> None:
    assert main.run([command, "r", "--state-dir", str(tmp_path)]) == 69


def test_an_unknown_event_is_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["tap", "r", "--state-dir", str(tmp_path), "--only", "Nothing"]) == 64
    assert "AttemptAdvanced" in capsys.readouterr().err


def _status(uptime_ms: int, updates: int, reasons: dict[str, int] | None = None) -> EngineStatus:
    none = Quantiles()
    chain = ChainStatus(
        id="eth", family="evm", feed="ok", head=7, head_age_ms=1, updates=updates, candidates=updates // 10, gaps=0,
        in_flight=0, attempts=AttemptCounts(landed=3), profit=Profit(predicted={}, realized={}),
        flash_loans=FlashCounts(), venues=(), reasons=reasons or {}, balances={},
    )  # fmt: skip
    return EngineStatus(
        recipe="r", fingerprint="f00d", mode="paper", version="1", pid=1, uptime_ms=uptime_ms,
        gate=GateStatus(state="armed", reason="", by=""), in_flight=0, chains=(chain,), limits=(),
        latency_us=Latency(update_to_candidate=none, update_to_signed=none, signed_to_sent=none),
    )  # fmt: skip


def test_top_shows_rates_between_two_looks() -> None:
    assert table(_status(1_000, 50), None).splitlines()[2].split()[3:5] == ["-", "-"]
    assert table(_status(3_000, 450), _status(1_000, 50)).splitlines()[2].split()[3:5] == ["200", "20"]


def test_top_shows_why_nothing_was_made_of_cycles_the_most_frequent_reason_first() -> None:
    shown = table(_status(1_000, 50, {"suppressed": 2, "no_profit": 30, "in_flight": 2}), None)
    assert shown.splitlines()[-1] == "why not on eth: no_profit 30, in_flight 2, suppressed 2"
