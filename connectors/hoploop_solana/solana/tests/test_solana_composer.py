"""Orders become the right bytes."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import msgspec
import pytest
from solders.compute_budget import (
    set_compute_unit_limit,
    set_compute_unit_price,
    set_loaded_accounts_data_size_limit,
)
from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.errors import BuildError, MissingLookupTable, PermanentError, SignerUnavailable, TransactionTooLarge
from hoploop.model.market import Opportunity
from hoploop.plugin.kinds import Loan, Order
from hoploop_solana._shared.addresses import LOOKUP_TABLE
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana._shared.testing import FakeNode, account_json, at_slot, named_key, named_pair, scope
from hoploop_solana._shared.wire import Wire
from hoploop_solana.solana.client import SolanaClient
from hoploop_solana.solana.composer import VARIANTS, SolanaComposer
from hoploop_solana.solana.config import MAX_LOADED_BYTES, Fees, SolanaConfig
from hoploop_solana.solana.costs import BASE_UNITS
from hoploop_solana.solana.memory import Memory
from hoploop_solana.solana.signing import Signer

OWNER = named_key("owner")
TABLE = named_key("table")
TIP_TO = named_key("tip account")
BLOCKHASH = Hash(bytes(range(32)))
POOLS = (named_key("pool 0"), named_key("pool 1"))


def _swap(number: int, amount_in: int, min_out: int) -> Step:
    return Step(
        name=f"swap {number}", program=named_key("amm"), pool=str(POOLS[number]), min_out_at=9,
        accounts=(writable(POOLS[number]), writable(named_key(f"vault {number}")), signer(OWNER)),
        data=b"\x01" + struct.pack("<QQ", amount_in, min_out),
    )  # fmt: skip


LOAN = Loan(
    before=(Step(name="borrow", program=named_key("lend"), accounts=(writable(named_key("reserve")),), data=b"\x01"),),
    after=(
        Step(
            name="repay", program=named_key("lend"), accounts=(readonly(named_key("sysvar")),), data=b"\x02\xff",
            loan_index_at=1,
        ),
    ),
)  # fmt: skip


def _order(*, loan: Loan | None = LOAN, tip: int = 5_000, min_gain: int = 77, units: int = 30_000) -> Order:
    opportunity = Opportunity(
        cause=1, chain="sol", strategy="s", asset="sol", legs=(), amount_in=1_000, gross=500, units=units,
        lender="lend" if loan else None, flash_fee=9 if loan else 0, network_fee=0, tip=tip, net=0,
        seq=42 << 20 | 3, received_ns=0, found_ns=0,
    )  # fmt: skip
    return Order(
        opportunity=opportunity, steps=(_swap(0, 1_000, 2_000), _swap(1, 2_000, 1_500)), loan=loan,
        loan_amount=1_000, min_gain=min_gain, tip=tip, tip_account=str(TIP_TO) if tip else "",
    )  # fmt: skip


def _composer(memory: Memory | None = None, **config: object) -> SolanaComposer:
    made = SolanaConfig(id="sol", genesis=str(named_key("genesis")), fees=Fees(unit_price=1_000))
    made = msgspec.structs.replace(made, **config)
    return SolanaComposer(made, scope("sol"), Signer(bytes(named_pair("owner")), str(OWNER)), memory or Memory())


def _node(entries: tuple[Pubkey, ...] = (), **answers: object) -> FakeNode:
    table = struct.pack("<IQQB", 1, 2**64 - 1, 0, 0).ljust(56, b"\0") + b"".join(map(bytes, entries))
    latest = {"blockhash": str(BLOCKHASH), "lastValidBlockHeight": 1_234}
    defaults: dict[str, object] = {
        "getLatestBlockhash": at_slot(latest),
        "getMultipleAccounts": at_slot([account_json(LOOKUP_TABLE, table)]),
    }
    return FakeNode(defaults | answers)


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    made = Wire(timeout_ms=1_000)
    yield made
    await made.close()


async def _refreshed(composer: SolanaComposer, wire: Wire, node: FakeNode | None = None) -> SolanaComposer:
    async with (node or _node()).serving() as url:
        await composer.refresh(SolanaClient(JsonRpc(wire, url), OWNER, Memory()))
    return composer


def _decoded(composer: SolanaComposer, order: Order) -> list[tuple[Pubkey, list[Pubkey], bytes]]:
    message = VersionedTransaction.from_bytes(composer.sign(composer.compose(order)).raw).message
    keys = list(message.account_keys)
    return [(keys[i.program_id_index], [keys[n] for n in i.accounts], bytes(i.data)) for i in message.instructions]


async def test_a_flash_arbitrage_is_budget_borrow_swaps_repay_tip(wire: Wire) -> None:
    programs = [str(program)[:8] for program, _, _ in _decoded(await _refreshed(_composer(), wire), _order())]
    amm, lend = str(named_key("amm"))[:8], str(named_key("lend"))[:8]
    assert programs == ["ComputeB"] * 3 + [lend, amm, amm, lend, "11111111"]


async def test_the_budget_asks_for_exactly_the_planned_units_at_the_price(wire: Wire) -> None:
    order = _order(units=200_000 - BASE_UNITS)
    limit, price, bytes_limit, *_ = _decoded(await _refreshed(_composer(), wire), order)
    assert limit[2].hex() == "02400d0300"
    assert price[2].hex() == "03e803000000000000"
    assert bytes_limit[2] == b"\x04" + MAX_LOADED_BYTES.to_bytes(4, "little")


async def test_the_budget_instructions_are_those_solders_makes(wire: Wire) -> None:
    draft = (await _refreshed(_composer(), wire)).compose(_order(units=200_000 - BASE_UNITS))
    made = (
        set_compute_unit_limit(200_000), set_compute_unit_price(1_000),
        set_loaded_accounts_data_size_limit(MAX_LOADED_BYTES),
    )  # fmt: skip
    assert tuple(step.instruction() for step in draft.instructions[:3]) == made


async def test_the_repay_names_where_the_borrow_stands(wire: Wire) -> None:
    steps = _decoded(await _refreshed(_composer(), wire), _order())
    assert steps[steps[6][2][1]][2] == b"\x01"
    assert steps[6][2] == b"\x02\x03"


async def test_the_last_swap_must_bring_loan_fee_and_minimum_gain(wire: Wire) -> None:
    steps = _decoded(await _refreshed(_composer(), wire), _order())
    assert struct.unpack("<BQQ", steps[4][2]) == (1, 1_000, 2_000)
    assert struct.unpack("<BQQ", steps[5][2]) == (1, 2_000, 1_000 + 9 + 77)


async def test_own_capital_has_no_loan_and_no_fee_in_its_guard(wire: Wire) -> None:
    steps = _decoded(await _refreshed(_composer(), wire), _order(loan=None, tip=0))
    assert len(steps) == 5
    assert struct.unpack("<BQQ", steps[4][2]) == (1, 2_000, 1_077)


async def test_the_tip_moves_lamports_from_the_owner_to_the_tip_account(wire: Wire) -> None:
    _, accounts, data = _decoded(await _refreshed(_composer(), wire), _order(tip=5_000))[-1]
    assert (accounts, data.hex()) == ([OWNER, TIP_TO], "020000008813000000000000")


async def test_the_same_order_twice_gives_two_transactions_of_one_price(wire: Wire) -> None:
    composer = await _refreshed(_composer(), wire)
    first, second = (composer.sign(composer.compose(_order())) for _ in range(2))
    assert first.id != second.id
    assert len(first.raw) == len(second.raw)


async def test_the_loaded_data_limit_never_falls_below_what_the_variants_take(wire: Wire) -> None:
    composer = await _refreshed(_composer(fees=Fees(unit_price=1, loaded_bytes=256 * 1024)), wire)
    limits = {int.from_bytes(_decoded(composer, _order())[2][2][1:], "little") for _ in range(20)}
    assert limits == {256 * 1024 - n for n in range(20)}
    assert VARIANTS < 256 * 1024


async def test_the_signature_is_the_owners_over_the_message_and_the_id(wire: Wire) -> None:
    composer = await _refreshed(_composer(), wire)
    tx = composer.sign(composer.compose(_order()))
    decoded = VersionedTransaction.from_bytes(tx.raw)
    assert decoded.verify_with_results() == [True]
    assert str(decoded.signatures[0]) == tx.id
    assert (tx.chain, tx.expires) == ("sol", 1_234)


async def test_accounts_in_a_lookup_table_are_loaded_but_programs_signer_and_tip_account_are_not(wire: Wire) -> None:
    listed = (*POOLS, named_key("reserve"), named_key("vault 0"), OWNER, named_key("amm"))
    composer = await _refreshed(_composer(lookup_tables=(str(TABLE),)), wire, _node(listed))
    draft = composer.compose(_order())
    (use,) = draft.message.address_table_lookups
    assert sorted(bytes(use.writable_indexes) + bytes(use.readonly_indexes)) == [0, 1, 2, 3]
    assert {OWNER, named_key("amm"), TIP_TO} <= set(draft.message.account_keys)


async def test_a_table_that_lists_the_tip_account_is_not_used_for_that_tip(wire: Wire) -> None:
    composer = await _refreshed(_composer(lookup_tables=(str(TABLE),)), wire, _node((*POOLS, TIP_TO)))
    assert not composer.compose(_order()).message.address_table_lookups
    assert composer.compose(_order(tip=0)).message.address_table_lookups


async def test_a_missing_table_stops_composing(wire: Wire) -> None:
    composer = await _refreshed(_composer(lookup_tables=(str(TABLE),)), wire, _node(POOLS))
    with pytest.raises(MissingLookupTable):
        await _refreshed(composer, wire, _node(getMultipleAccounts=at_slot([None])))
    with pytest.raises(BuildError):
        composer.compose(_order())


async def test_nothing_is_composed_before_a_blockhash_is_known() -> None:
    with pytest.raises(BuildError) as caught:
        _composer().compose(_order())
    assert caught.value.code == "C214"


async def test_more_units_than_a_transaction_can_have_are_refused(wire: Wire) -> None:
    with pytest.raises(TransactionTooLarge, match="1400001 compute units"):
        (await _refreshed(_composer(), wire)).compose(_order(units=1_400_001 - BASE_UNITS))


@pytest.mark.parametrize("min_gain", [-5_000, 2**64])
async def test_a_guard_that_is_no_u64_is_refused(wire: Wire, min_gain: int) -> None:
    with pytest.raises(BuildError, match="u64"):
        (await _refreshed(_composer(), wire)).compose(_order(min_gain=min_gain))


async def test_an_order_without_a_guardable_step_is_refused(wire: Wire) -> None:
    order = _order()
    bare = tuple(msgspec.structs.replace(step, min_out_at=None) for step in order.steps)
    with pytest.raises(BuildError) as caught:
        (await _refreshed(_composer(), wire)).compose(msgspec.structs.replace(order, steps=bare))
    assert caught.value.code == "C215"


async def test_what_was_composed_is_remembered_by_signature(wire: Wire) -> None:
    memory = Memory()
    composer = await _refreshed(_composer(memory), wire)
    kept = memory.recall(composer.sign(composer.compose(_order())).id)
    assert kept is not None
    assert (kept.pools, kept.slot, kept.gain) == (tuple(map(str, POOLS)), 42, 500 - 9)


async def test_the_text_of_a_draft_does_not_change_with_the_blockhash(wire: Wire) -> None:
    other = at_slot({"blockhash": str(Hash(bytes(32))), "lastValidBlockHeight": 9})
    nodes = (_node(), _node(getLatestBlockhash=other))
    texts = [list((await _refreshed(_composer(), wire, node)).compose(_order()).text()) for node in nodes]
    assert texts[0] == texts[1]
    assert "w- " + str(POOLS[0]) in " ".join(texts[0])


def test_fees_are_one_signature_and_the_price_of_the_limit() -> None:
    terms = _composer().fees()
    assert (terms.base_fee, terms.price_num, terms.price_den, terms.charged) == (5_000, 1_000, 1_000_000, "limit")


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(64), bytes(32)])
def test_a_key_that_is_not_the_owners_is_refused_without_showing_it(secret: bytes) -> None:
    with pytest.raises(SignerUnavailable) as caught:
        Signer(secret, str(OWNER))
    assert caught.value.code == "C213"


def test_a_seed_and_a_whole_pair_are_the_same_key_and_neither_is_shown() -> None:
    pair = named_pair("owner")
    for secret in (bytes(pair), bytes(pair)[:32]):
        made = Signer(secret, str(OWNER))
        assert repr(made) == f"Signer({OWNER})"


async def test_a_blockhash_that_is_none_is_a_connector_error(wire: Wire) -> None:
    odd = at_slot({"blockhash": "l" * 40, "lastValidBlockHeight": 9})
    with pytest.raises(PermanentError):
        await _refreshed(_composer(), wire, _node(getLatestBlockhash=odd))
