"""`hoploop verify` on files like the public ones but not the same: other layouts, other asks, compiled contracts."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_venues import question
from venue_kit import READERS, SHARED

from hoploop.verify.kinds import Engine
from hoploop.verify.report import Report
from hoploop.verify.swaps import VARIANTS
from hoploop.verify.vectors import parse_swaps, read_bytes
from hoploop.verify.walk import verify

GOLDEN, FACTS = SHARED / "golden", SHARED / "facts/evm/vectors.json"
ENGINES: tuple[Engine, ...] = ("native", "reference")
EDGES = (0, 1, 2, 2**63, 2**64 - 1)
SWAPS = sorted(path for path in GOLDEN.glob("solana/*/*.json*") if path.parent.name != "instructions")
NAMES = {number: name for name, number in VARIANTS.items()}
Document = dict[str, Any]


@pytest.fixture(autouse=True)
def _fetched() -> None:
    if not GOLDEN.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {GOLDEN}")


def write(path: Path, content: Any) -> None:
    """As JSON, packed when the name says so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    data = json.dumps(content).encode()
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)


def counts(report: Report) -> Mapping[str, Mapping[str, int]]:
    return {venue: dict(sums) for venue, _, sums in report.venues()}


def test_neither_names_nor_folders_nor_packing_matter(tmp_path: Path) -> None:
    for number, path in enumerate(sorted(GOLDEN.rglob("*.json*"))):
        content = read_bytes(path)
        folder = tmp_path / ("a b", "deep/er", ".", "état")[number % 4]
        folder.mkdir(parents=True, exist_ok=True)
        packed = number % 2 == 0
        (folder / f"{number}.json{'.gz' * packed}").write_bytes(gzip.compress(content, 1) if packed else content)
    moved, there = verify(tmp_path, "native"), verify(GOLDEN, "native")
    assert moved.ok
    assert counts(moved) == counts(there)


def as_text(value: Any) -> Any:
    """Every number as text."""
    if isinstance(value, dict):
        return {name: as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_text(inner) for inner in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def with_nulls(content: Document) -> Document:
    """Nothing left out: what is not there is null."""
    names = ("sqrt_price_limit", "variant") if "venue" in content else ("repay_argument", "repay_one_less")
    cases = [dict.fromkeys(names) | case for case in content["cases"]]
    roles = content["roles"] | {"referral": None}
    accounts = content["accounts"] | {"11111111111111111111111111111112": None}
    return content | {"cases": cases, "roles": roles, "accounts": accounts}


def with_short_errors(content: Document) -> Document:
    """Errors told by their name only."""
    cases = [
        case | {"error": " ".join(filter(None, (case["error"]["name"], case["error"].get("detail"))))}
        if case["error"]
        else case
        for case in content["cases"]
    ]
    return content | {"cases": cases}


@pytest.mark.parametrize("change", [as_text, with_nulls, with_short_errors])
@pytest.mark.parametrize("folder", ["whirlpool", "raydium_cpmm", "flash_loans/klend", "flash_loans/marginfi"])
def test_other_ways_to_write_the_same_are_read_the_same(
    tmp_path: Path, folder: str, change: Callable[[Document], Document]
) -> None:
    for path in sorted((GOLDEN / "solana" / folder).glob("*.json*"))[:3]:
        write(tmp_path / path.name, json.loads(read_bytes(path)))
    before = counts(verify(tmp_path, "native"))
    for path in tmp_path.iterdir():
        write(path, change(json.loads(read_bytes(path))))
    assert counts(verify(tmp_path, "native")) == before


@pytest.mark.parametrize("path", SWAPS, ids=lambda path: f"{path.parent.name}-{path.name.partition('.')[0]}")
def test_other_asks_of_the_same_pools_are_answered_as_the_reference_does(tmp_path: Path, path: Path) -> None:
    data, rng = read_bytes(path), Random(path.name)
    file = parse_swaps(path, data)
    clock = (file.clock.slot, file.clock.unix_timestamp, file.clock.epoch)
    pool = READERS["reference"](file.venue, file.roles, file.accounts, file.routes, clock)
    asks = [question(rng, file.venue, rng.choice((20, 40, 64))) for _ in range(30)]
    asks += [asks[0]._replace(zero_for_one=z, exact_in=i, amount=a, price_limit=0, variant=0)
             for z in (True, False) for i in (True, False) for a in EDGES]  # fmt: skip
    cases = []
    for ask in asks:
        paid = pool if isinstance(pool, str) else pool.quote(*ask)
        case: Document = {"direction": "a_to_b" if ask.zero_for_one else "b_to_a", "amount": ask.amount, "error": None}
        case |= {"mode": "exact_in" if ask.exact_in else "exact_out", "variant": NAMES[ask.variant]}
        case |= {"sqrt_price_limit": str(ask.price_limit)} if ask.price_limit else {}
        if isinstance(paid, str):
            case["error"] = {"name": paid}
        else:
            case |= {"amount_in": paid[0], "amount_out": paid[1]}
        cases.append(case)
    write(tmp_path / "other.json.gz", json.loads(data) | {"cases": cases})
    for engine in ENGINES:
        assert verify(tmp_path, engine).ok


def state(vector: Document, number: int, **more: Any) -> Document:
    """A state as recorded ones are, of a pool of two tokens."""
    ends = [{"address": f"0x{2 * number + side:040x}", "symbol": f"T{side}"} for side in (0, 1)]
    return {
        "chain_id": 7, "block": 9, "pool": f"0xAb{number:038x}",
        "reserves_token0": int(vector["reserve0"]), "reserves_token1": int(vector["reserve1"]),
        "token0": ends[0], "token1": ends[1], **more,
    }  # fmt: skip


@pytest.mark.parametrize("engine", ENGINES)
def test_solidly_pools_of_compiled_contracts_stable_and_volatile(tmp_path: Path, engine: Engine) -> None:
    entries: Document = {}
    for number, vector in enumerate(json.loads(FACTS.read_text())["aerodrome_getAmountOut"]):
        held = state(vector, number, stable=vector["stable"], fee_raw=vector["feeBps"])
        for side in (0, 1):
            held[f"token{side}"]["decimals"] = len(str(vector[f"decimals{side}"])) - 1
        write(tmp_path / f"states/{number}.json.gz", held)
        way = "T0->T1" if vector["tokenInIs0"] else f"{held['token1']['address'].upper()}->t0"
        key = f"{held['pool'].lower()}|getAmountOut|{way}|{vector['amountIn']}"
        entries[key] = {"value": str(vector["amountOut"])}
    write(tmp_path / "answers.json", {"chain_id": 7, "block_number": 9, "entries": entries})
    report = verify(tmp_path, engine)
    assert counts(report) == {"solidly": {"exact": len(entries)}}, report


@pytest.mark.parametrize("engine", ENGINES)
def test_every_recorded_state_answers_both_ways_at_every_size(tmp_path: Path, engine: Engine) -> None:
    from hoploop.verify.evm_pools import family_of, tokens

    sizes = [10**power * step for power in range(0, 27, 2) for step in (1, 7)]
    for number, path in enumerate(sorted(GOLDEN.glob("evm/**/*.json"))):
        held = json.loads(path.read_bytes())
        family = family_of(held)
        if "block" not in held or family is None:
            continue
        entries: Document = {}
        names = [words[-1] for words in tokens(held)]
        told = family.tell(held, 0, 1)
        for exact_in, call in ((True, "GIVEN_IN"), (False, "GIVEN_OUT")):
            for size in sizes:
                filled = told.twin(True, exact_in, size)
                if filled == "unsupported":
                    continue
                answer = {} if isinstance(filled, str) else {"value": filled[1 if exact_in else 0]}
                pool = held.get("address") or held["pool"]
                entries[f"{pool}|querySwap|{call}|{names[0]}->{names[1]}|{size}"] = answer
        write(tmp_path / f"{number}-state.json", held)
        answers = {"chain_id": held["chain_id"], "block_number": held["block"], "entries": entries}
        write(tmp_path / f"{number}-answers.json.gz", answers)
    report = verify(tmp_path, engine)
    assert report.ok
    assert set(counts(report)) == {
        "balancer stable", "balancer weighted", "curve", "solidly", "uniswap v2", "uniswap v3",
    }  # fmt: skip
