"""The AMM venue: layout, instruction bytes, snapshots and what contradicts a recipe."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, IncompatibleConnector, PermanentError
from hoploop.model.market import Leg
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, VenueContract
from hoploop_solana._shared.addresses import TOKEN, authority, token_account
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, account_json, at_slot, named_key, scope
from hoploop_solana._shared.wire import Wire
from hoploop_solana.hoploop_amm import CONNECTOR
from hoploop_solana.hoploop_amm.config import HoploopAmmConfig, Pool
from hoploop_solana.hoploop_amm.layout import POOL_SIZE, PoolState, decode_pool, encode_pool, swap_data
from hoploop_solana.hoploop_amm.venue import HoploopAmm, check

PROGRAM, OWNER = named_key("program"), named_key("owner")
U64 = st.integers(0, 2**64 - 1)
KEYS = st.binary(min_size=32, max_size=32).map(Pubkey)
POOL = Pool(
    name="sol_usdc", address=str(named_key("pool")), token0="sol", token1="usdc",
    vault0=str(named_key("vault a")), vault1=str(named_key("vault b")), fee=Ratio(3, 1_000),
)  # fmt: skip
CONFIG = HoploopAmmConfig(id="amm", chain="sol", program=str(PROGRAM), pools=(POOL,))
SCOPE = scope("sol", "usdc")
STATE = PoolState(
    fee_num=30, fee_den=10_000, bump=254, mint_a=named_key("mint sol"), mint_b=named_key("mint usdc"),
    vault_a=named_key("vault a"), vault_b=named_key("vault b"), reserve_a=10**12, reserve_b=2 * 10**12, swaps=7,
)  # fmt: skip


class TestManifest(ConnectorContract):
    connector = CONNECTOR


class TestVenue(VenueContract):
    connector = CONNECTOR
    config = CONFIG
    scope = SCOPE


STATES = st.builds(
    PoolState,
    fee_num=st.integers(0, 9_999), fee_den=st.integers(10_000, 2**32 - 1), bump=st.integers(0, 255),
    mint_a=KEYS, mint_b=KEYS, vault_a=KEYS, vault_b=KEYS, reserve_a=U64, reserve_b=U64, swaps=U64,
)  # fmt: skip


@given(STATES)
def test_a_pool_account_decodes_to_what_was_encoded(state: PoolState) -> None:
    data = encode_pool(state)
    assert len(data) == POOL_SIZE
    assert decode_pool(data) == state


@given(st.binary(max_size=400))
def test_other_bytes_are_never_taken_for_a_pool(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_pool(data)


def test_the_reserves_lie_where_the_program_puts_them() -> None:
    data = encode_pool(STATE)
    assert data[:8] == b"HOPAMM01"
    assert struct.unpack_from("<QQQ", data, 152) == (10**12, 2 * 10**12, 7)
    assert data[24:56] == bytes(STATE.mint_a)


@given(U64, U64)
def test_swap_data_is_tag_amount_and_minimum(amount: int, least: int) -> None:
    assert swap_data(amount, least) == b"\x01" + amount.to_bytes(8, "little") + least.to_bytes(8, "little")


@pytest.mark.parametrize("forward", [True, False])
def test_a_swap_names_vaults_and_wallets_in_its_direction(forward: bool) -> None:
    tokens = ("sol", "usdc") if forward else ("usdc", "sol")
    leg = Leg(
        pool="amm/sol_usdc", asset_in=tokens[0], asset_out=tokens[1], zero_for_one=forward, amount_in=5, amount_out=4
    )
    (step,) = HoploopAmm(CONFIG, SCOPE).swap(leg)
    wallets = [token_account(OWNER, named_key(f"mint {name}")) for name in tokens]
    vaults = [named_key("vault a"), named_key("vault b")] if forward else [named_key("vault b"), named_key("vault a")]
    pool = named_key("pool")
    assert [meta.pubkey for meta in step.accounts] == [pool, authority(pool, PROGRAM), *vaults, *wallets, OWNER, TOKEN]
    assert [meta.is_writable for meta in step.accounts] == [True, False, True, True, True, True, False, False]
    assert [meta.pubkey for meta in step.accounts if meta.is_signer] == [OWNER]
    assert (step.program, step.data, step.min_out_at) == (PROGRAM, swap_data(5, 4), 9)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(timeout_ms=1_000)
    yield made
    await made.close()


async def _snapshot(wire: Wire, value: object) -> object:
    venue = HoploopAmm(CONFIG, SCOPE)
    async with FakeNode({"getMultipleAccounts": at_slot([value], 50)}).serving() as url:
        return await venue.snapshot(SimpleNamespace(rpc=JsonRpc(wire, url)), venue.pools())


async def test_a_snapshot_is_the_account_at_its_slot(wire: Wire) -> None:
    snapshot = await _snapshot(wire, account_json(PROGRAM, encode_pool(STATE)))
    assert snapshot == (("amm/sol_usdc", 50 << 20, encode_pool(STATE)),)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mint_a": OWNER}, "token0"), ({"mint_b": OWNER}, "token1"), ({"vault_a": OWNER}, "vault0"),
        ({"vault_b": OWNER}, "vault1"), ({"fee_num": 31}, "fee"),
    ],
)  # fmt: skip
async def test_a_pool_that_contradicts_the_recipe_names_the_field(
    wire: Wire, change: dict[str, object], field: str
) -> None:
    changed = msgspec.structs.replace(STATE, **change)
    with pytest.raises(PermanentError, match=f"'sol_usdc': {field}:") as caught:
        await _snapshot(wire, account_json(PROGRAM, encode_pool(changed)))
    assert caught.value.code == "C206"


@pytest.mark.parametrize(
    ("value", "field"),
    [(None, "address"), (account_json(OWNER, encode_pool(STATE)), "program"), (account_json(PROGRAM, b"x"), "address")],
)
async def test_an_address_that_is_no_pool_of_the_program_is_named(wire: Wire, value: object, field: str) -> None:
    with pytest.raises(PermanentError, match=f"{field}:"):
        await _snapshot(wire, value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vault0": "1" * 44}, "vault0"), ({"token1": "btc"}, "unknown asset 'btc'"), ({"token1": "sol"}, "same asset"),
        ({"fee": Ratio(1, 1)}, "below 100%"),
    ],
)  # fmt: skip
def test_check_names_what_cannot_work(change: dict[str, object], words: str) -> None:
    config = msgspec.structs.replace(CONFIG, pools=(msgspec.structs.replace(POOL, **change),))
    assert words in " ".join(check(config, SCOPE))


def test_check_finds_a_name_used_twice_and_a_program_that_is_no_key() -> None:
    problems = check(msgspec.structs.replace(CONFIG, program="1" * 44, pools=(POOL, POOL)), SCOPE)
    assert len(problems) == 2


def test_a_key_that_is_none_cannot_be_built_from() -> None:
    with pytest.raises(IncompatibleConnector, match="program"):
        HoploopAmm(msgspec.structs.replace(CONFIG, program="1" * 44), SCOPE)
