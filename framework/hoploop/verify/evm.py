"""Quotes what EVM quoters, vaults and pools answered at a block, on the pool's recorded state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from hoploop.verify.evm_pools import Fill, Told, family_of, tokens
from hoploop.verify.kinds import Engine, Source
from hoploop.verify.report import Checked, Result, Verdict
from hoploop.verify.vectors import files, read_bytes

EXACT_IN = {"getAmountOut", "getAmountsOut", "quoteExactInputSingle", "get_dy", "GIVEN_IN"}
EXACT_OUT = {"getAmountIn", "getAmountsIn", "quoteExactOutputSingle", "GIVEN_OUT"}

Ask = Callable[[bool, bool, int], Fill]


class _Quotes(msgspec.Struct, frozen=True):
    chain_id: int
    block_number: int
    entries: dict[str, dict[str, Any]]


class Asked(msgspec.Struct, frozen=True):
    """One recorded call: `address|call|…|TOKEN->TOKEN|amount`."""

    address: str
    exact_in: bool
    token_in: str
    token_out: str
    amount: int


def check(source: Source, engine: Engine) -> Checked:
    """Every recorded answer of the file; its states lie in `state/<chain id>` beside its folder, or anywhere below
    the folder that is verified."""
    quotes = msgspec.json.decode(source.data, type=_Quotes)
    pools: dict[str, Mapping[str, Any] | None] = {}
    for key in quotes.entries:
        address = key.partition("|")[0].lower()
        if address not in pools:
            pools[address] = _state(source, quotes, address)
    families = (family_of(state) for state in pools.values() if state)
    venue = next((family.venue for family in families if family), "evm")
    return Checked(venue, _results(quotes, pools, engine))


def parse(key: str) -> Asked | None:
    """Pure: the call of an entry's key; None when it is of no known shape."""
    parts = key.split("|")
    known = [part for part in parts[1:-1] if part in EXACT_IN | EXACT_OUT]
    ways = [part for part in parts[1:-1] if "->" in part]
    if len(known) != 1 or len(ways) != 1 or not parts[-1].isdecimal():
        return None
    token_in, _, token_out = ways[0].lower().partition("->")
    return Asked(parts[0].lower(), known[0] in EXACT_IN, token_in, token_out, int(parts[-1]))


def _results(quotes: _Quotes, pools: Mapping[str, Mapping[str, Any] | None], engine: Engine) -> Iterator[Result]:
    made: dict[tuple[str, int, int], Ask] = {}
    for key, answer in quotes.entries.items():
        expected = answer.get("value")
        asked = parse(key)
        try:
            got = "unsupported" if asked is None else _answer(asked, pools[asked.address], engine, made)
        except (ValueError, KeyError) as error:
            got = f"unsupported: {error}"
        yield Result(_verdict(expected, got), key, "refused" if expected is None else str(expected), str(got))


def _answer(
    asked: Asked, state: Mapping[str, Any] | None, engine: Engine, made: dict[tuple[str, int, int], Ask]
) -> int | str:
    family = family_of(state) if state else None
    if state is None or family is None:
        raise ValueError("no state of this pool at this block")
    names = tokens(state)
    at, to = (_position(names, token) for token in (asked.token_in, asked.token_out))
    key = (asked.address, min(at, to), max(at, to))
    if key not in made:
        told: Told = family.tell(state, *key[1:])
        made[key] = told.native() if engine == "native" else told.twin
    filled = made[key](at < to, asked.exact_in, asked.amount)
    return filled if isinstance(filled, str) else filled[1 if asked.exact_in else 0]


def _position(names: list[tuple[str, ...]], token: str) -> int:
    found = [position for position, words in enumerate(names) if token in words]
    if len(found) != 1:
        raise ValueError(f"the pool's state does not name {token!r}")
    return found[0]


def _verdict(expected: Any, got: int | str) -> Verdict:
    if isinstance(expected, list) and expected:
        expected = expected[-1]
    if isinstance(expected, str):
        expected = int(expected, 0)
    if isinstance(got, int):
        return Verdict.EXACT if got == expected else Verdict.OFF
    if got.startswith("unsupported"):
        return Verdict.UNSUPPORTED
    return Verdict.REFUSED if expected is None else Verdict.OFF


def _state(source: Source, quotes: _Quotes, address: str) -> Mapping[str, Any] | None:
    beside = source.path.parent.parent / "state" / str(quotes.chain_id)
    for folder in (beside, source.root):
        for path in files(folder) if folder.is_dir() else ():
            state = _read_state(path)
            if state is not None and _names(state) == (quotes.chain_id, quotes.block_number, address):
                return state
    return None


def _names(state: Mapping[str, Any]) -> tuple[Any, Any, str]:
    return state.get("chain_id"), state.get("block"), str(state.get("address") or state.get("pool", "")).lower()


def _read_state(path: Path) -> Mapping[str, Any] | None:
    try:
        raw = msgspec.json.decode(read_bytes(path))
    except (ValueError, OSError):
        return None
    return raw if isinstance(raw, dict) and "block" in raw and "chain_id" in raw else None
