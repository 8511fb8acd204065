"""`hoploop verify`: what it prints and how it ends, on good files and on bad ones."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from solders.pubkey import Pubkey
from venue_kit import Forged, account_key, mint_account, packed, token_account

from hoploop.cli.verify import verify
from hoploop.hot.reference import raydium_amm_v4
from hoploop.verify import kinds

KEYS = {role: account_key(role) for role in ("pool", "vault_a", "vault_b", "mint_a", "mint_b")}
Document = dict[str, Any]


def run(*arguments: str | Path) -> Result:
    """The command as a process would end: its return value is the exit code."""
    command = CliRunner().invoke(verify, [str(one) for one in arguments], standalone_mode=False)
    assert command.exception is None, command.output
    return command


def pool() -> Forged:
    """An AMM v4 pool of a million units a side and a fee of 25 bps."""
    named = {336: KEYS["vault_a"], 368: KEYS["vault_b"], 400: KEYS["mint_a"], 432: KEYS["mint_b"]}
    held = {KEYS["pool"]: (raydium_amm_v4.PROGRAM, packed(752, {0: 6, 176: 25, 184: 10_000, **named}))}
    for side in "ab":
        held[KEYS[f"mint_{side}"]] = mint_account()
        held[KEYS[f"vault_{side}"]] = token_account(1_000_000, KEYS[f"mint_{side}"])
    return Forged(KEYS, held)


def document(*cases: Document, venue: str = "raydium_amm_v4") -> Document:
    """A swap vector file of the pool."""

    def text(key: bytes) -> str:
        return str(Pubkey.from_bytes(key))

    forged = pool()
    return {
        "venue": venue,
        "program_id": text(raydium_amm_v4.PROGRAM),
        "clock": {"slot": 1, "unix_timestamp": 2, "epoch": 3},
        "instruction": "v1",
        "accounts": {
            text(key): {"owner": text(owner), "data_base64": base64.b64encode(data).decode()}
            for key, (owner, data) in forged.held.items()
        },
        "roles": {role: text(key) for role, key in forged.roles.items()},
        "cases": list(cases),
    }


def case(amount_out: int = 9876, error: Document | None = None, **more: Any) -> Document:
    """10 000 units of the coin in; the pool pays 9876."""
    swap = {"direction": "a_to_b", "mode": "exact_in", "amount": 10_000, "amount_in": 10_000, "error": error}
    return {**swap, "amount_out": amount_out, **more}


def write(path: Path, content: Document) -> None:
    """As JSON, packed when the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(content).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


@pytest.mark.parametrize("engine", [(), ("--reference",)])
def test_exact_files_in_sub_folders_packed_or_not_end_with_0(tmp_path: Path, engine: tuple[str, ...]) -> None:
    write(tmp_path / "plain.json", document(case()))
    write(tmp_path / "deep/er/packed.json.gz", document(case(), case(amount_out=0, error={"name": "No"}, amount=0)))
    ended = run(*engine, tmp_path)
    assert ended.return_value == 0
    assert "deep/er/packed.json.gz" in ended.output
    assert "plain.json" in ended.output
    assert ended.output.splitlines()[-1].startswith("ok: ")


def test_a_single_file_can_be_named(tmp_path: Path) -> None:
    write(tmp_path / "plain.json", document(case()))
    assert run(tmp_path / "plain.json").return_value == 0


def test_one_unit_off_ends_with_1_and_is_shown(tmp_path: Path) -> None:
    write(tmp_path / "off.json", document(case(), case(amount_out=9877)))
    ended = run(tmp_path)
    assert ended.return_value == 1
    assert "off: a_to_b exact_in 10000: expected 10000 -> 9877, got 10000 -> 9876" in ended.output


def test_only_the_first_differences_of_a_file_are_shown(tmp_path: Path) -> None:
    write(tmp_path / "off.json", document(*(case(amount_out=out) for out in range(9))))
    ended = run(tmp_path)
    assert ended.output.count("off: a_to_b") == 5
    assert "… and 4 more" in ended.output


def test_paying_where_the_program_failed_is_off(tmp_path: Path) -> None:
    write(tmp_path / "off.json", document(case(error={"name": "ExceededSlippage"})))
    assert run(tmp_path).return_value == 1


def test_failures_that_no_quote_can_see_are_excused(tmp_path: Path) -> None:
    write(tmp_path / "excused.json", document(case(error={"name": "ComputeBudgetExceeded"})))
    ended = run("--format", "json", tmp_path)
    assert ended.return_value == 0
    assert json.loads(ended.output)["venues"]["raydium_amm_v4"]["excused"] == 1


@pytest.mark.parametrize(
    "content",
    [
        document(case(), venue="no_such_venue"),
        document(case(variant="no_such_instruction")),
        document(case(mode="no_such_mode")),
    ],
)
def test_what_is_not_known_is_unsupported(tmp_path: Path, content: Document) -> None:
    write(tmp_path / "unknown.json", content)
    ended = run("--format", "json", tmp_path)
    assert ended.return_value == 1
    (file,) = json.loads(ended.output)["files"]
    assert file["counts"] == {"unsupported": 1}


def test_json_counts_by_venue_and_by_file(tmp_path: Path) -> None:
    write(tmp_path / "one.json", document(case(), case(amount_out=1)))
    write(tmp_path / "two.json", document(case(amount_out=0, amount=0, error={"name": "No"})))
    ended = run("--format", "json", tmp_path)
    report = json.loads(ended.output)
    assert (report["ok"], report["engine"]) == (False, "native")
    expected = {"files": 2, "exact": 1, "off": 1, "refused": 1, "unsupported": 0, "excused": 0}
    assert report["venues"] == {"raydium_amm_v4": expected}
    assert [file["path"] for file in report["files"]] == ["one.json", "two.json"]


@pytest.mark.parametrize("content", [{"instructions": []}, {"key_rule": "", "transactions": []}])
def test_instruction_records_are_listed_as_skipped(tmp_path: Path, content: Document) -> None:
    write(tmp_path / "records.json", content)
    ended = run(tmp_path)
    assert ended.return_value == 0
    assert "records.json: instructions: skipped" in ended.output


def _damaged(change: Callable[[Document], object]) -> bytes:
    content = document(case())
    change(content)
    return json.dumps(content).encode()


BAD = {
    "empty.json": b"",
    "cut.json": json.dumps(document(case())).encode()[:-9],
    "list.json": b"[1, 2]",
    "deep.json": b"[" * 100_000,
    "bytes.json": bytes(range(256)),
    "not_packed.json.gz": b"{}",
    "cut.json.gz": gzip.compress(json.dumps(document(case())).encode())[:-20],
    "nothing_known.json": b'{"hello": "world"}',
    "no_clock.json": _damaged(lambda content: content.pop("clock")),
    "address.json": _damaged(lambda content: content["roles"].update(pool="not an address")),
    "base64.json": _damaged(lambda content: next(iter(content["accounts"].values())).update(data_base64="$")),
    "negative.json": _damaged(lambda content: content["cases"][0].update(amount=-1)),
    "too_large.json": _damaged(lambda content: content["cases"][0].update(amount=2**64)),
    "limit.json": _damaged(lambda content: content["cases"][0].update(sqrt_price_limit="x")),
    "direction.json": _damaged(lambda content: content["cases"][0].update(direction="up")),
    "time.json": _damaged(lambda content: content["clock"].update(unix_timestamp=2**70)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_reported_and_stops_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BAD[name])
    write(tmp_path / "zz_good.json", document(case()))
    ended = run("--format", "json", tmp_path)
    bad, good = json.loads(ended.output)["files"]
    assert ended.return_value == 1
    assert (bad["path"], good["counts"]) == (name, {"exact": 1})
    assert bad["trouble"]
    assert name in run(tmp_path).output


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hoploop.verify.vectors.MAX_BYTES", 1000)
    (tmp_path / "bomb.json.gz").write_bytes(gzip.compress(b" " * 1_000_000))
    assert "over 1000 bytes" in run(tmp_path).output


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_without_vector_files_is_wrong_usage(tmp_path: Path, there: bool) -> None:
    folder = tmp_path if there else tmp_path / "missing"
    command = CliRunner().invoke(verify, [str(folder)])
    assert command.exit_code == 2
    assert "Usage" in command.output


def test_the_more_particular_kind_wins() -> None:
    found = kinds.kind_of(frozenset({"venue", "lender", "accounts", "roles", "cases"}))
    assert found is not None
    assert found.name == "flash loans"
