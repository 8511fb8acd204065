"""Venues made of accounts, for tests: vectors of real programs, forged pools, native beside reference."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import strategies as st

from hoploop.hot import HotError, Market, _native, reference
from hoploop.verify.swaps import Finding, Reader, Verdict, compare
from hoploop.verify.vectors import files, read_swaps

SHARED = Path(__file__).resolve().parents[3] / "shared"
TOKEN = bytes.fromhex("06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9")
TOKEN_2022 = bytes.fromhex("06ddf6e1ee758fde18425dbce46ccddab61afc4d83b90d27febdf928d8a18bfc")
READERS: dict[str, Reader] = {"native": _native.VenueState.read, "reference": reference.read}

amounts = st.one_of(
    st.integers(0, 300), st.integers(0, 2**40), st.integers(0, 2**64 - 1), st.integers(2**64 - 300, 2**64 - 1)
)


class Forged(msgspec.Struct, frozen=True):
    """The accounts of one pool, made for a test; what `VenueState.read` takes."""

    roles: dict[str, bytes]
    held: dict[bytes, tuple[bytes, bytes]]
    clock: tuple[int, int, int] = (1, 1_700_000_000, 500)
    routes: tuple[list[bytes], list[bytes]] = ([], [])


class Ask(msgspec.Struct, frozen=True):
    """One swap to quote."""

    zero_for_one: bool
    exact_in: bool
    amount: int
    price_limit: int = 0
    variant: int = 0


def asks(variants: tuple[int, ...] = (0,)) -> st.SearchStrategy[Ask]:
    """Swaps of every size, in both directions and modes."""
    return st.builds(Ask, st.booleans(), st.booleans(), amounts, st.just(0), st.sampled_from(variants))


def wrong_findings(venue: str, reader: str) -> list[tuple[str, Finding]]:
    """Cases of the public vectors that are not answered as the program did; skips when the vectors are not here."""
    folder = SHARED / "golden/solana" / venue
    if not folder.exists() and not os.environ.get("CI"):
        pytest.skip(f"fetched data is not here: {folder}")
    found = [(path.name, finding) for path in files(folder) for finding in compare(read_swaps(path), READERS[reader])]
    assert found
    return [(name, one) for name, one in found if one.verdict in (Verdict.OFF, Verdict.UNSUPPORTED)]


def answers(venue: str, pool: Forged, asked: list[Ask]) -> Iterator[dict[str, tuple[int, int] | str]]:
    """What native and reference answer to each swap."""
    states = {name: read(venue, pool.roles, pool.held, pool.routes, pool.clock) for name, read in READERS.items()}
    for ask in asked:
        yield {
            name: state
            if isinstance(state, str)
            else state.quote(ask.zero_for_one, ask.exact_in, ask.amount, ask.price_limit, ask.variant)
            for name, state in states.items()
        }


def assert_same(venue: str, pool: Forged, asked: list[Ask]) -> None:
    """Native and reference pay the same or both refuse; reasons need not be the same."""
    for ask, given in zip(asked, answers(venue, pool, asked), strict=True):
        native, twin = given["native"], given["reference"]
        assert native == twin or (isinstance(native, str) and isinstance(twin, str)), (ask, given)


def account_key(name: str) -> bytes:
    """An address that stands for a name."""
    return name.encode().ljust(32, b".")


def token_account(amount: int, mint: bytes, program: bytes = TOKEN, state: int = 1) -> tuple[bytes, bytes]:
    """Owner and data of a token account."""
    data = bytearray(165)
    data[:32], data[64:72], data[108] = mint, amount.to_bytes(8, "little"), state
    return program, bytes(data)


def mint_account(fee: tuple[int, int] | None = None, supply: int = 0, decimals: int = 6) -> tuple[bytes, bytes]:
    """Owner and data of a mint; with a `fee` (bps, most) it is one of Token-2022 whose transfers cost that."""
    data = bytearray(82)
    data[36:44], data[44], data[45] = supply.to_bytes(8, "little"), decimals, 1
    if fee is None:
        return TOKEN, bytes(data)
    bps, most = fee
    terms = (0).to_bytes(8, "little") + most.to_bytes(8, "little") + bps.to_bytes(2, "little")
    extension = bytes(72) + terms * 2
    return TOKEN_2022, bytes(data).ljust(165, b"\0") + b"\1" + b"\1\0" + len(extension).to_bytes(
        2, "little"
    ) + extension


def packed(length: int, fields: dict[int, int | bytes], magic: str = "") -> bytes:
    """Account data with 8-byte integers or bytes at their places."""
    data = bytearray(bytes.fromhex(magic).ljust(length, b"\0"))
    for at, value in fields.items():
        raw = value if isinstance(value, bytes) else value.to_bytes(8, "little")
        data[at : at + len(raw)] = raw
    return bytes(data)


def snapshot(held: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    """Accounts as a pool of the market is loaded with them."""
    accounts = (key + owner + len(data).to_bytes(4, "little") + data for key, (owner, data) in held.items())
    return len(held).to_bytes(4, "little") + b"".join(accounts)


def in_market(venue: str, pool: Forged) -> Market | None:
    """A market of this one pool; None when it refuses the accounts."""
    market = Market()
    assets = market.add_asset("a"), market.add_asset("b")
    market.add_account_pool("pool", venue, *assets, 100, pool.roles, pool.routes)
    market.seal()
    market.set_clock(*pool.clock)
    try:
        market.load(0, 1, snapshot(pool.held))
    except HotError:
        return None
    return market


@st.composite
def damaged(draw: st.DrawFn, pool: Forged) -> Forged:
    """The pool with some bytes of one account changed, or the account cut short or gone."""
    key = draw(st.sampled_from(sorted(pool.held)))
    owner, data = pool.held[key]
    how = draw(st.sampled_from(("bytes", "bytes", "bytes", "cut", "gone", "owner")))
    held = {one: account for one, account in pool.held.items() if one != key}
    if how == "gone":
        return msgspec.structs.replace(pool, held=held)
    if how == "owner":
        owner = draw(st.sampled_from((TOKEN, TOKEN_2022, bytes(32))))
    elif how == "cut":
        data = data[: draw(st.integers(0, len(data)))]
    else:
        changed = bytearray(data)
        for at in draw(st.lists(st.integers(0, max(len(data) - 1, 0)), min_size=1, max_size=6)):
            if changed:
                changed[at] = draw(st.integers(0, 255))
        data = bytes(changed)
    return msgspec.structs.replace(pool, held={**held, key: (owner, data)})
