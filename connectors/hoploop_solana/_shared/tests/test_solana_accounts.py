"""Reading accounts at one slot, and token account bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from hoploop.errors import PermanentError
from hoploop_solana._shared.accounts import Account, read_accounts, token_state
from hoploop_solana._shared.addresses import TOKEN
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, account_json, at_slot, named_key, token_account_data
from hoploop_solana._shared.wire import Wire

U64 = st.integers(0, 2**64 - 1)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(timeout_ms=1_000)
    yield made
    await made.close()


async def test_accounts_come_in_the_order_asked_with_none_for_the_absent(wire: Wire) -> None:
    values = [account_json(TOKEN, b"one"), None]
    async with FakeNode({"getMultipleAccounts": at_slot(values, 9)}).serving() as url:
        answer = await read_accounts(JsonRpc(wire, url), [named_key("a"), named_key("b")])
    assert answer.slot == 9
    assert answer.items == (Account(str(TOKEN), 1_000_000, b"one"), None)


async def test_more_keys_than_a_call_takes_are_read_again_until_all_are_of_one_slot(wire: Wire) -> None:
    slots = [5, 6, 7, 7]
    node = FakeNode({"getMultipleAccounts": lambda keys, _: at_slot([None] * len(keys), slots.pop(0))})
    async with node.serving() as url:
        answer = await read_accounts(JsonRpc(wire, url), [named_key(str(n)) for n in range(150)])
    assert (answer.slot, len(answer.items), len(node.calls)) == (7, 150, 4)


async def test_a_node_that_never_holds_still_is_a_permanent_error(wire: Wire) -> None:
    slots = iter(range(100))
    node = FakeNode({"getMultipleAccounts": lambda keys, _: at_slot([None] * len(keys), next(slots))})
    async with node.serving() as url:
        with pytest.raises(PermanentError, match="one slot"):
            await read_accounts(JsonRpc(wire, url), [named_key(str(n)) for n in range(150)])


@pytest.mark.parametrize(
    "values",
    [[], [None, None], [{"data": ["!!", "base64"], "owner": "x"}], [{"data": ["", "base58"], "owner": "x"}],
     [{"data": "AA==", "owner": "x"}], [{"data": [], "owner": "x"}], [{"owner": "x"}], ["text"]],
)  # fmt: skip
async def test_a_wrong_shape_is_a_permanent_error(wire: Wire, values: list[object]) -> None:
    async with FakeNode({"getMultipleAccounts": at_slot(values)}).serving() as url:
        with pytest.raises(PermanentError):
            await read_accounts(JsonRpc(wire, url), [named_key("a")])


@given(U64)
def test_a_token_account_decodes_to_what_was_encoded(amount: int) -> None:
    mint, owner = named_key("mint"), named_key("owner")
    state = token_state(Account(str(TOKEN), 1, token_account_data(mint, owner, amount)), "it")
    assert (state.mint, state.owner, state.amount) == (mint, owner, amount)


@pytest.mark.parametrize(
    "account",
    [None, Account(str(TOKEN), 1, bytes(164)), Account(str(Pubkey.default()), 1, bytes(165))],
)
def test_what_is_no_token_account_is_named(account: Account | None) -> None:
    with pytest.raises(PermanentError, match="the vault"):
        token_state(account, "the vault")
