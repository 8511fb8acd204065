"""Both composers give the same drafts and the same bytes whether they are handed native signing or not."""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec
import pytest
from evm_fakes import OWNER_KEY, USDC, WETH
from evm_fakes import config as evm_config
from evm_fakes import scope as evm_scope
from hypothesis import given
from hypothesis import strategies as st
from repository import RECIPES, first_party, inspect_recipe
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash

from hoploop.engine.build import Built
from hoploop.errors import SignerUnavailable
from hoploop.hot import signing as native_signing
from hoploop.hot.signing import NativeSigning
from hoploop.model.market import Opportunity
from hoploop.plugin.kinds import Loan, Order
from hoploop.plugin.signing import Signing
from hoploop.rehearsal.play import play
from hoploop.rehearsal.tape import read_tape, tape_path
from hoploop.runtime import wiring
from hoploop_evm._shared import executor
from hoploop_evm._shared.steps import TAKE_ALL, LenderKind, LoanStep, SwapKind, SwapStep
from hoploop_evm._shared.words import address_bytes
from hoploop_evm.evm.composer import EvmComposer
from hoploop_evm.evm.signing import Signer as EvmSigner
from hoploop_evm.evm.view import ChainView
from hoploop_solana._shared.steps import Step, readonly, signer, writable
from hoploop_solana._shared.testing import named_key, named_pair
from hoploop_solana._shared.testing import scope as solana_scope
from hoploop_solana.solana.composer import SolanaComposer
from hoploop_solana.solana.config import Fees, SolanaConfig
from hoploop_solana.solana.memory import Memory
from hoploop_solana.solana.signing import Signer as SolanaSigner

U64 = st.integers(0, 2**64 - 1)
WAYS: tuple[Signing | None, ...] = (None, NativeSigning(print))
ADDRESS = st.sampled_from([bytes((number,)) * 20 for number in range(1, 5)])
SWAPS = st.lists(
    st.builds(
        SwapStep, st.sampled_from(SwapKind), ADDRESS, ADDRESS, st.integers(0, 2**128) | st.just(TAKE_ALL),
        st.integers(0, 2**256 - 1), st.just(()),
    ), max_size=4,
)  # fmt: skip
LOANS = st.none() | st.builds(LoanStep, st.sampled_from(LenderKind), ADDRESS)
TABLE = AddressLookupTableAccount(named_key("table"), [named_key("pool 0"), named_key("pool 1"), named_key("reserve")])


def _opportunity(asset: str, amount_in: int = 1_000, units: int = 30_000) -> Opportunity:
    return Opportunity(
        cause=1, chain="x", strategy="s", asset=asset, legs=(), amount_in=amount_in, gross=500, lender=None,
        flash_fee=9, units=units, network_fee=0, tip=0, net=0, seq=99 << 20, received_ns=0, found_ns=0,
    )  # fmt: skip


def _step(number: int, amount: int, out: int) -> Step:
    return Step(
        name=f"swap {number}", program=named_key("amm"), min_out_at=9,
        accounts=(writable(named_key(f"pool {number}")), signer(named_key("owner")), readonly(named_key("token"))),
        data=b"\x01" + struct.pack("<QQ", amount, out),
    )  # fmt: skip


def _loan(amount: int) -> Loan:
    def step(name: str, data: bytes, at: int | None) -> Step:
        accounts = (writable(named_key("reserve")),)
        return Step(name=name, program=named_key("lend"), accounts=accounts, data=data, loan_index_at=at)

    return Loan((step("borrow", b"\x01" + amount.to_bytes(8, "little"), None),), (step("repay", b"\x02\xff", 1),))


SOLANA_ORDERS = st.builds(
    lambda hops, amount, outs, loan, gain, units, tip, to: Order(
        opportunity=_opportunity("sol", amount, units),
        steps=tuple(_step(number % 3, amount, out) for number, out in zip(range(hops), outs, strict=False)),
        loan=_loan(amount) if loan else None, loan_amount=amount if loan else 0, min_gain=gain, tip=tip,
        tip_account=str(named_key(to)) if tip else "",
    ),
    st.integers(1, 4), st.integers(0, 2**62), st.lists(U64, min_size=4, max_size=4), st.booleans(),
    st.integers(0, 2**62), st.integers(0, 1_000_000), st.sampled_from([0, 5_000, 2**64 - 1]),
    st.sampled_from(["tip account", "pool 0"]),
)  # fmt: skip


def _solana(signing: Signing | None) -> SolanaComposer:
    config = SolanaConfig(id="sol", genesis=str(named_key("genesis")), fees=Fees(unit_price=1_000))
    owner = SolanaSigner(bytes(named_pair("owner")), str(named_key("owner")), signing)
    return SolanaComposer(config, solana_scope("sol"), owner, Memory(), signing)


def _evm(signing: Signing | None) -> EvmComposer:
    view = ChainView()
    return EvmComposer(evm_config(), "eth", evm_scope().assets, EvmSigner(OWNER_KEY, "x", signing), view, signing)


@given(st.lists(st.tuples(SOLANA_ORDERS, st.binary(min_size=32, max_size=32), st.booleans()), min_size=1, max_size=6))
def test_solana_drafts_and_transactions_are_identical(orders: list[tuple[Order, bytes, bool]]) -> None:
    composers = [_solana(signing) for signing in WAYS]
    for order, blockhash, table in orders:
        made = []
        for composer in composers:
            composer._blockhash = (Hash(blockhash), 7)
            composer._use((TABLE,) if table else ())
            draft = composer.compose(order)
            made.append((draft.payload, draft.text(), composer.sign(draft)))
        assert made[0] == made[1]


@given(
    st.lists(
        st.tuples(SWAPS, LOANS, st.integers(0, 2**256 - 1), st.integers(0, 2**128), st.integers(0, 9_000_000)),
        min_size=1, max_size=6,
    )
)  # fmt: skip
def test_evm_drafts_and_transactions_are_identical(
    orders: list[tuple[list[SwapStep], LoanStep | None, int, int, int]],
) -> None:
    composers = [_evm(signing) for signing in WAYS]
    for swaps, loan, amount, gain, units in orders:
        order = Order(
            opportunity=_opportunity("weth", amount, units), steps=tuple(swaps),
            loan=None if loan is None else Loan((loan,), ()), loan_amount=amount if loan else 0, min_gain=gain,
            tip=0, tip_account="",
        )  # fmt: skip
        drafts = [composer.compose(order) for composer in composers]
        signed = [composer.sign(draft) for composer, draft in zip(composers, drafts, strict=True)]
        assert drafts[0].text() == drafts[1].text()
        assert signed[0] == signed[1]


@given(SWAPS, LOANS, *[st.integers(0, 2**256 - 1)] * 4)
def test_the_named_places_are_all_that_differs_between_plans_of_a_shape(
    swaps: list[SwapStep], loan: LoanStep | None, amount: int, borrowed: int, profit: int, until: int
) -> None:
    plan = executor.Plan(
        asset=address_bytes(WETH), amount_in=amount, swaps=tuple(swaps), loan=loan,
        loan_amount=borrowed if loan else 0, min_profit=profit, valid_until=until,
    )  # fmt: skip
    bare = msgspec.structs.replace(
        plan, amount_in=1, loan_amount=0, min_profit=2, valid_until=3,
        swaps=tuple(msgspec.structs.replace(step, max_in=4, amount_out=5) for step in swaps),
    )  # fmt: skip
    assert executor.shape(plan) == executor.shape(bare)
    patched = bytearray(executor.encode(bare))
    for (at, size), value in zip(executor.places(plan), executor.variable(plan), strict=True):
        patched[at : at + size] = value
    assert bytes(patched) == executor.encode(plan)


def test_plans_of_other_tokens_have_other_shapes() -> None:
    plan = executor.Plan(
        asset=address_bytes(WETH), amount_in=1, swaps=(), loan=None, loan_amount=0, min_profit=0, valid_until=0
    )
    assert executor.shape(plan) != executor.shape(msgspec.structs.replace(plan, asset=address_bytes(USDC)))


@pytest.mark.parametrize("path", RECIPES, ids=[path.stem for path in RECIPES])
async def test_the_orders_of_every_recipe_become_the_same_bytes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    native = await _built(path)
    monkeypatch.setattr(wiring, "NativeSigning", lambda _: None)
    assert native == await _built(path)
    assert native


async def _built(path: Path) -> list[Built]:
    plan = inspect_recipe(path).plan
    assert plan is not None
    played = await play(plan, read_tape(tape_path(path)), first_party())
    return [decision.built for chain in played for decision in chain.decisions if decision.built is not None]


@pytest.mark.parametrize("secret", [b"", bytes(32), bytes(31), b"\xff" * 64])
def test_a_key_that_is_none_is_refused_alike(secret: bytes) -> None:
    for signing in WAYS:
        with pytest.raises(SignerUnavailable, match="G301"):
            EvmSigner(secret, "env/KEY", signing)
        with pytest.raises(SignerUnavailable, match="C213"):
            SolanaSigner(secret, str(named_key("owner")), signing)


def test_a_step_that_wants_another_signature_is_refused_alike() -> None:
    foreign = msgspec.structs.replace(_step(0, 1, 1), accounts=(signer(named_key("somebody else")),))
    order = Order(
        opportunity=_opportunity("sol"), steps=(foreign,), loan=None, loan_amount=0, min_gain=0, tip=0, tip_account=""
    )
    for signing in WAYS:
        composer = _solana(signing)
        composer._blockhash = (Hash(bytes(32)), 7)
        with pytest.raises(SignerUnavailable, match="another account"):
            composer.compose(order)


def test_a_key_that_is_not_locked_is_told_of_and_used(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlocked:
        locked = False

        def __init__(self, secret: bytes) -> None:
            self.secret = secret

    told: list[str] = []
    monkeypatch.setitem(native_signing._SIGNERS, "evm", Unlocked)
    assert isinstance(NativeSigning(told.append).signer("evm", OWNER_KEY), Unlocked)
    assert told == ["evm"]


def test_holders_of_keys_show_addresses_alone() -> None:
    secret = bytes(named_pair("owner"))[:32]
    for signing in WAYS:
        shown = repr(SolanaSigner(secret, str(named_key("owner")), signing)) + repr(EvmSigner(secret, "x", signing))
        shown += repr(_solana(signing)) + repr(_evm(signing))
        assert secret.hex() not in shown
        assert str(list(secret))[1:-1] not in shown
        assert repr(secret)[2:-1] not in shown
