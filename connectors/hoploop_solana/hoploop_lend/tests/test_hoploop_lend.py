"""The lender: layout, instruction bytes, what is available and what contradicts a recipe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, PermanentError
from hoploop.model.money import Ratio
from hoploop.plugin.testing import ConnectorContract, LenderContract
from hoploop_solana._shared.addresses import INSTRUCTIONS_SYSVAR, TOKEN, authority, token_account
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, account_json, at_slot, named_key, scope, token_account_data
from hoploop_solana._shared.wire import Wire
from hoploop_solana.hoploop_lend import CONNECTOR
from hoploop_solana.hoploop_lend.config import HoploopLendConfig, Reserve
from hoploop_solana.hoploop_lend.layout import (
    RESERVE_SIZE,
    ReserveState,
    borrow_data,
    decode_reserve,
    encode_reserve,
    repay_data,
)
from hoploop_solana.hoploop_lend.lender import HoploopLend, check

PROGRAM, OWNER, RESERVE, VAULT = (named_key(name) for name in ("program", "owner", "reserve", "vault"))
MINT = named_key("mint sol")
U64 = st.integers(0, 2**64 - 1)
KEYS = st.binary(min_size=32, max_size=32).map(Pubkey)
CONFIG = HoploopLendConfig(
    id="lend", chain="sol", program=str(PROGRAM), fee=Ratio(9, 10_000),
    reserves=(Reserve(asset="sol", reserve=str(RESERVE), vault=str(VAULT)),),
)  # fmt: skip
SCOPE = scope("sol", "usdc")
STATE = ReserveState(fee_num=9, fee_den=10_000, bump=255, enabled=True, mint=MINT, vault=VAULT, fees_collected=3)
FUNDS = account_json(TOKEN, token_account_data(MINT, OWNER, 777))


class TestManifest(ConnectorContract):
    connector = CONNECTOR


class TestLender(LenderContract):
    connector = CONNECTOR
    config = CONFIG
    scope = SCOPE


STATES = st.builds(
    ReserveState,
    fee_num=st.integers(0, 9_999), fee_den=st.integers(10_000, 2**32 - 1), bump=st.integers(0, 255),
    enabled=st.booleans(), mint=KEYS, vault=KEYS, fees_collected=U64,
)  # fmt: skip


@given(STATES)
def test_a_reserve_account_decodes_to_what_was_encoded(state: ReserveState) -> None:
    data = encode_reserve(state)
    assert len(data) == RESERVE_SIZE
    assert decode_reserve(data) == state


@given(st.binary(max_size=200))
def test_other_bytes_are_never_taken_for_a_reserve(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_reserve(data)


@given(U64, st.integers(0, 255))
def test_instruction_data_is_tag_amount_and_index(amount: int, index: int) -> None:
    assert borrow_data(amount) == b"\x01" + amount.to_bytes(8, "little")
    assert repay_data(amount, index) == b"\x02" + amount.to_bytes(8, "little") + bytes((index,))


def test_a_loan_borrows_to_the_wallet_and_repays_from_it() -> None:
    loan = HoploopLend(CONFIG, SCOPE).loan("sol", 1_000, 1)
    (borrow,), (repay,) = loan.before, loan.after
    wallet = token_account(OWNER, MINT)
    assert [meta.pubkey for meta in borrow.accounts] == [
        RESERVE, authority(RESERVE, PROGRAM), VAULT, wallet, INSTRUCTIONS_SYSVAR, TOKEN,
    ]  # fmt: skip
    assert [meta.is_writable for meta in borrow.accounts] == [True, False, True, True, False, False]
    assert [meta.pubkey for meta in repay.accounts] == [RESERVE, VAULT, wallet, OWNER, INSTRUCTIONS_SYSVAR, TOKEN]
    assert [meta.is_writable for meta in repay.accounts] == [True, True, True, False, False, False]
    assert [meta.pubkey for meta in repay.accounts if meta.is_signer] == [OWNER]
    assert (borrow.data, repay.data[:9], repay.loan_index_at) == (borrow_data(1_000), repay_data(1_000, 0)[:9], 9)


def test_terms_round_the_fee_up() -> None:
    terms = HoploopLend(CONFIG, SCOPE).terms()
    assert (terms.assets, terms.fee_num, terms.fee_den, terms.rounding) == (("sol",), 9, 10_000, "up")


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(timeout_ms=1_000)
    yield made
    await made.close()


async def _available(wire: Wire, reserve: object, vault: object = FUNDS) -> int:
    async with FakeNode({"getMultipleAccounts": at_slot([reserve, vault])}).serving() as url:
        return await HoploopLend(CONFIG, SCOPE).available(SimpleNamespace(rpc=JsonRpc(wire, url)), "sol")


@pytest.mark.parametrize(("enabled", "amount"), [(True, 777), (False, 0)])
async def test_what_is_available_is_the_vaults_balance_while_enabled(wire: Wire, enabled: bool, amount: int) -> None:
    state = msgspec.structs.replace(STATE, enabled=enabled)
    assert await _available(wire, account_json(PROGRAM, encode_reserve(state))) == amount


@pytest.mark.parametrize(
    ("change", "field"), [({"mint": OWNER}, "asset"), ({"vault": OWNER}, "vault"), ({"fee_num": 8}, "fee")]
)
async def test_a_reserve_that_contradicts_the_recipe_names_the_field(
    wire: Wire, change: dict[str, object], field: str
) -> None:
    with pytest.raises(PermanentError, match=f"'sol': {field}:"):
        await _available(wire, account_json(PROGRAM, encode_reserve(msgspec.structs.replace(STATE, **change))))


@pytest.mark.parametrize(
    ("reserve", "vault", "words"),
    [
        (None, FUNDS, "reserve: no such account"),
        (account_json(OWNER, encode_reserve(STATE)), FUNDS, "program:"),
        (account_json(PROGRAM, b"short"), FUNDS, "reserve: a Hoploop reserve"),
        (account_json(PROGRAM, encode_reserve(STATE)), None, "vault does not exist"),
        (
            account_json(PROGRAM, encode_reserve(STATE)),
            account_json(TOKEN, token_account_data(OWNER, OWNER, 1)),
            "vault: it holds mint",
        ),
    ],
)
async def test_accounts_that_are_not_what_they_should_be_are_named(
    wire: Wire, reserve: object, vault: object, words: str
) -> None:
    with pytest.raises(PermanentError, match=words):
        await _available(wire, reserve, vault)


def test_check_names_what_cannot_work() -> None:
    twice = msgspec.structs.replace(CONFIG.reserves[0], asset="btc", vault="1" * 44)
    config = msgspec.structs.replace(CONFIG, reserves=(twice, twice), fee=Ratio(1, 1))
    problems = " ".join(check(config, SCOPE))
    assert all(words in problems for words in ("vault", "unknown asset", "named twice", "below 100%"))
