"""What is measured before a run is what the composer makes in it; four swaps with a loan and a tip need a table."""

from __future__ import annotations

import msgspec
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash

from hoploop.model.market import Leg, Opportunity
from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Loan, Order
from hoploop_solana._shared.steps import Step, signer, writable
from hoploop_solana._shared.testing import named_key, named_pair, scope
from hoploop_solana.solana.composer import SolanaComposer
from hoploop_solana.solana.config import Fees, SolanaConfig
from hoploop_solana.solana.measure import measure, sizes, steps_of
from hoploop_solana.solana.memory import Memory
from hoploop_solana.solana.signing import Signer

OWNER = named_key("owner")
CONFIG = SolanaConfig(id="sol", genesis=str(named_key("genesis")), fees=Fees(unit_price=1_000))
WITH_TABLE = msgspec.structs.replace(CONFIG, lookup_tables=(str(named_key("table")),))
SCOPE: ChainScope = scope("sol")


def _swap(number: int) -> Step:
    keys = [named_key(f"{number} {name}") for name in ("pool", "vault a", "vault b", "wallet a", "wallet b", "oracle")]
    return Step(
        name=f"swap {number}", program=named_key("amm"), pool=str(keys[0]), min_out_at=1,
        accounts=(*map(writable, keys), signer(OWNER)), data=bytes(17),
    )  # fmt: skip


LOAN = Loan(
    before=(Step(name="borrow", program=named_key("lend"), accounts=(writable(named_key("reserve")),), data=bytes(9)),),
    after=(Step(name="repay", program=named_key("lend"), accounts=(writable(named_key("reserve")),), data=bytes(10)),),
)


def _order(hops: int, *, units: int = 100_000) -> Order:
    leg = Leg(pool="p", asset_in="sol", asset_out="sol", zero_for_one=True, amount_in=1, amount_out=1)
    opportunity = Opportunity(
        cause=1, chain="sol", strategy="s", asset="sol", legs=(leg,) * hops, amount_in=1, gross=1, units=units,
        lender="lend", flash_fee=1, network_fee=0, tip=5, net=0, seq=0, received_ns=0, found_ns=0,
    )  # fmt: skip
    return Order(
        opportunity=opportunity, steps=tuple(_swap(number) for number in range(hops)), loan=LOAN, loan_amount=1,
        min_gain=1, tip=5, tip_account=str(named_key("tip")),
    )  # fmt: skip


def _composed(order: Order, config: SolanaConfig, tables: tuple[AddressLookupTableAccount, ...]) -> bytes:
    owned = msgspec.structs.replace(SCOPE, owner=str(OWNER))
    composer = SolanaComposer(config, owned, Signer(bytes(named_pair("owner")), str(OWNER)), Memory())
    composer._blockhash = (Hash.default(), 1)
    composer._use(tables)
    return composer.sign(composer.compose(order)).raw


def _owned() -> ChainScope:
    return msgspec.structs.replace(SCOPE, owner=str(OWNER))


def test_bytes_measured_without_a_table_are_the_bytes_composed() -> None:
    for hops in (1, 2):
        size, _, _ = measure(CONFIG, _owned(), _order(hops))
        assert size.value == len(_composed(_order(hops), CONFIG, ()))


def test_bytes_measured_with_a_table_are_those_composed_with_a_table_of_everything() -> None:
    order = _order(4)
    steps = steps_of(WITH_TABLE, _owned(), order)
    keys = {meta.pubkey for step in steps for meta in step.accounts} - {OWNER, named_key("tip")}
    table = AddressLookupTableAccount(named_key("table"), sorted(keys, key=bytes))
    size, accounts, _ = measure(WITH_TABLE, _owned(), order)
    assert size.value == len(_composed(order, WITH_TABLE, (table,)))
    assert size.value <= size.limit
    assert accounts.value <= accounts.limit


def test_four_swaps_with_a_loan_do_not_fit_without_a_table() -> None:
    size, _, _ = measure(CONFIG, _owned(), _order(4))
    assert size.value > size.limit == 1232
    bare, _ = sizes(steps_of(CONFIG, _owned(), _order(4)), (), _owned())
    assert bare == size


def test_accounts_are_counted_wherever_they_come_from() -> None:
    _, accounts, _ = measure(WITH_TABLE, _owned(), _order(11))
    assert accounts.value > accounts.limit == 64


def test_units_over_the_limit_are_measured_not_raised() -> None:
    _, _, units = measure(CONFIG, _owned(), _order(2, units=1_500_000))
    assert units.value > units.limit
