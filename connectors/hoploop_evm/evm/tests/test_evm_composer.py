"""From an order to a signed EIP-1559 transaction."""

from __future__ import annotations

import msgspec
import pytest
from eth_account import Account
from eth_account.typed_transactions.typed_transaction import TypedTransaction
from evm_fakes import EXECUTOR, OWNER, OWNER_KEY, USDC, WETH, config, scope
from hexbytes import HexBytes

from hoploop.errors import InvariantError, SignerUnavailable, TransactionTooLarge
from hoploop.model.market import Opportunity
from hoploop.plugin.connector import ChainContext, Secrets
from hoploop.plugin.kinds import Loan, Order
from hoploop_evm._shared.steps import LenderKind, LoanStep, SwapKind, SwapStep
from hoploop_evm._shared.words import address_bytes
from hoploop_evm.evm.chain import EvmChain
from hoploop_evm.evm.composer import EvmComposer
from hoploop_evm.evm.config import check
from hoploop_evm.evm.costs import BASE_UNITS
from hoploop_evm.evm.signing import Signer
from hoploop_evm.evm.view import ChainView

SWAPS = (
    SwapStep(SwapKind.V2, b"\x0a" * 20, address_bytes(USDC), 10**18, 3000, (b"\x0a" * 52,)),
    SwapStep(SwapKind.V2, b"\x0b" * 20, address_bytes(WETH), 3000, 2 * 10**18, (b"\x0b" * 52,)),
)
LOAN = Loan((LoanStep(LenderKind.BALANCER_V2, b"\x0c" * 20, (b"\x0c" * 52,)),), ())


def composer(view: ChainView | None = None, **changes: int) -> EvmComposer:
    return EvmComposer(config(**changes), "eth", scope().assets, Signer(OWNER_KEY, "x"), view or ChainView())


def order(units: int = 200_000, loan: Loan | None = LOAN) -> Order:
    found = Opportunity(
        cause=1, chain="eth", strategy="s", asset="weth", legs=(), amount_in=10**18, gross=10**18, lender="l",
        flash_fee=0, units=units, network_fee=0, tip=0, net=0, seq=99 << 20, received_ns=0, found_ns=0,
    )  # fmt: skip
    return Order(
        opportunity=found, steps=SWAPS, loan=loan, loan_amount=10**18 if loan else 0, min_gain=77, tip=0, tip_account=""
    )


def test_the_transaction_is_what_eth_account_reads() -> None:
    view = ChainView()
    view.saw(100, 0)
    made = composer(view)
    draft = made.compose(order())
    tx = made.sign(draft)
    fields = TypedTransaction.from_bytes(HexBytes(tx.raw)).as_dict()
    assert Account.recover_transaction(tx.raw) == OWNER
    assert (fields["chainId"], fields["nonce"], fields["value"]) == (31337, 0, 0)
    assert bytes(fields["to"]) == address_bytes(EXECUTOR)
    assert bytes(fields["data"]) == draft.calldata
    assert (tx.expires, tx.nonce, tx.chain) == (102, 0, "eth")


def test_both_fee_caps_are_the_configured_price() -> None:
    made = composer()
    fields = TypedTransaction.from_bytes(HexBytes(made.sign(made.compose(order())).raw)).as_dict()
    assert fields["maxFeePerGas"] == fields["maxPriorityFeePerGas"] == 2 * 10**9
    terms = made.fees()
    assert (terms.price_num, terms.price_den, terms.base_units, terms.charged) == (2 * 10**9, 1, BASE_UNITS, "used")


def test_the_id_is_the_hash_eth_account_computes() -> None:
    made = composer()
    draft = made.compose(order())
    signed = Account.sign_transaction(
        {
            "type": 2, "chainId": 31337, "nonce": 0, "to": EXECUTOR, "value": 0, "gas": draft.gas,
            "maxFeePerGas": 2 * 10**9, "maxPriorityFeePerGas": 2 * 10**9, "data": draft.calldata,
        },
        OWNER_KEY,
    )  # fmt: skip
    tx = made.sign(draft)
    assert (tx.raw, tx.id) == (bytes(signed.raw_transaction), "0x" + bytes(signed.hash).hex())


def test_each_signature_takes_a_nonce_and_release_gives_it_back() -> None:
    made = composer()
    draft = made.compose(order())
    first, second = made.sign(draft), made.sign(draft)
    assert (first.nonce, second.nonce) == (0, 1)
    made.release(first)
    assert made.sign(draft).nonce == 0


def test_settling_remembers_pools_and_lender() -> None:
    view = ChainView()
    made = composer(view)
    flight = view.flight(made.sign(made.compose(order())).id)
    assert flight is not None
    assert flight.doors == {b"\x0a" * 52, b"\x0b" * 52, b"\x0c" * 52}
    assert flight.seq == 99 << 20
    assert flight.call["from"] == OWNER


def test_too_much_gas_is_refused_before_it_is_signed() -> None:
    with pytest.raises(TransactionTooLarge):
        composer(gas_limit=300_000).compose(order(units=200_000))


def test_a_draft_reads_the_same_every_time() -> None:
    texts = [composer().compose(order()).text() for _ in range(2)]
    assert texts[0] == texts[1]
    assert texts[0][-1].startswith("calldata 0x7cbed78c")
    assert any("borrow 1000000000000000000 from BALANCER_V2" in line for line in texts[0])


def test_own_capital_needs_no_loan() -> None:
    assert composer().compose(order(loan=None)).plan.loan is None


def test_steps_of_another_family_are_a_bug() -> None:
    with pytest.raises(InvariantError):
        composer().compose(msgspec.structs.replace(order(), steps=(object(),)))
    with pytest.raises(InvariantError):
        composer().compose(order(loan=Loan((), ())))


def test_a_key_of_another_address_is_refused() -> None:
    context = ChainContext(
        scope=scope(), endpoint="ipc:/nowhere", secrets=Secrets(lambda _: b"\x08" * 32), key="env/KEY", extras={}
    )
    with pytest.raises(SignerUnavailable, match="G302"):
        EvmChain(config(), context)


async def test_a_chain_is_wired_without_touching_the_network() -> None:
    context = ChainContext(
        scope=scope(), endpoint="ipc:/nowhere", secrets=Secrets(lambda _: OWNER_KEY), key="env/KEY", extras={}
    )
    chain = EvmChain(config(), context)
    assert "31337" in repr(chain.client)
    await chain.close()


def test_check_compares_identity_and_addresses() -> None:
    assert check(config(), scope()) == []
    other = msgspec.structs.replace(scope(), identity="1", owner="0x12")
    assert len(check(config(), other)) == 2
