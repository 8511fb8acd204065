"""Turns orders into EIP-1559 transactions to the executor; no I/O outside `refresh`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from hoploop.errors import InvariantError, TransactionTooLarge
from hoploop.model.chain import SignedTx
from hoploop.model.money import Asset
from hoploop.plugin.kinds import Bid, FeeTerms, Order
from hoploop.plugin.signing import Signing
from hoploop_evm._shared import executor
from hoploop_evm._shared.steps import LoanStep, SwapStep
from hoploop_evm._shared.words import address_bytes, address_text
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.costs import BASE_UNITS, MARGIN_DEN, MARGIN_NUM, fee_terms
from hoploop_evm.evm.prebuilt import Prebuilt
from hoploop_evm.evm.shapes import Shapes, Terms
from hoploop_evm.evm.signing import Signer
from hoploop_evm.evm.view import ChainView, Flight


class EvmDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An unsigned transaction; its nonce is given when it is signed."""

    chain_id: int
    to: bytes
    gas: int
    gas_price: int
    plan: executor.Plan
    calldata: bytes
    bid: Bid

    def text(self) -> tuple[str, ...]:
        """What will be called, and the exact bytes."""
        return (
            f"transaction type=2 chain_id={self.chain_id} to={address_text(self.to)} gas={self.gas}"
            f" max_fee_per_gas={self.gas_price} max_priority_fee_per_gas={self.gas_price} value=0",
            *executor.lines(self.plan),
            f"calldata 0x{self.calldata.hex()}",
        )


class EvmComposer:
    """Fee policy: max fee = max priority fee = the configured price.

    So the effective price is that price in every block that can hold the transaction, whatever its base fee, and the
    fee is gas used times a number known beforehand: predicted and realized profit can agree to the unit. What is not
    burned goes to the builder, which is what wins inclusion.
    """

    def __init__(
        self,
        config: EvmConfig,
        chain: str,
        assets: Mapping[str, Asset],
        signer: Signer,
        view: ChainView,
        signing: Signing | None = None,
    ) -> None:
        self._config, self._chain, self._signer, self._view = config, chain, signer, view
        self._to = address_bytes(config.executor, "executor")
        price, self._fees = config.fees.gas_price, fee_terms(config)
        self._shapes = Shapes(Terms(config.chain_id, self._to, price), signing)
        self._prebuilt = Prebuilt(signer, signing)
        self._call = {
            "from": signer.address, "to": address_text(self._to), "maxFeePerGas": hex(price),
            "maxPriorityFeePerGas": hex(price), "value": "0x0",
        }  # fmt: skip
        self._assets = {
            name: address_bytes(asset.address, name) for name, asset in assets.items() if asset.chain == chain
        }

    async def refresh(self, client: EvmClient) -> None:
        """Take nonce and head from the chain; what it counts replaces what we counted."""
        await client.resync()

    def compose(self, order: Order) -> EvmDraft:
        """TransactionTooLarge when the planned gas is over the chain's limit."""
        found = order.opportunity
        plan = executor.Plan(
            asset=self._assets[found.asset],
            amount_in=found.amount_in,
            swaps=tuple(_swap(step) for step in order.steps),
            loan=None if order.loan is None else _loan(order.loan.before),
            loan_amount=order.loan_amount,
            min_profit=order.min_gain,
            valid_until=self._view.head + self._config.valid_blocks,
        )
        return EvmDraft(
            chain_id=self._config.chain_id,
            to=self._to,
            gas=self._gas(found.units),
            gas_price=self._config.fees.gas_price,
            plan=plan,
            calldata=executor.encode(plan),
            bid=order,
        )

    def sign(self, draft: EvmDraft) -> SignedTx:
        """Give it a nonce and sign (EIP-1559, type 2)."""
        expires = draft.plan.valid_until
        nonce = self._view.nonces.take(expires)
        unsigned = self._shapes.unsigned(draft.plan, draft.gas, nonce)
        identity, raw = self._signer.sign(unsigned)
        tx = SignedTx(chain=self._chain, id=identity, raw=raw, expires=expires, nonce=nonce)
        doors = frozenset(_doors(draft.plan))
        self._departs(tx, draft.bid, doors, draft.gas, draft.calldata)
        self._prebuilt.add(draft.bid, draft.plan, (expires, draft.gas, draft.gas_price), nonce, unsigned, doors)
        return tx

    def fill(self, bid: Bid) -> SignedTx | None:
        """What `sign` gives of what `compose` gives, from the route's template; None while there is none."""
        gas = self._gas(bid.opportunity.units)
        expires = self._view.head + self._config.valid_blocks
        nonce = self._view.nonces.take(expires)
        made = self._prebuilt.sign(bid, (expires, gas, self._config.fees.gas_price), nonce)
        if made is None:
            self._view.nonces.give_back(nonce)
            return None
        doors, identity, raw, calldata = made
        tx = SignedTx(chain=self._chain, id=identity, raw=raw, expires=expires, nonce=nonce)
        self._departs(tx, bid, doors, gas, calldata)
        return tx

    def release(self, tx: SignedTx) -> None:
        """It will never be sent: its nonce is free again."""
        self._view.ends(tx.id)

    def fees(self) -> FeeTerms:
        """Gas at the configured price."""
        return self._fees

    def _gas(self, units: int) -> int:
        gas = (BASE_UNITS + units) * MARGIN_NUM // MARGIN_DEN
        if gas > self._config.gas_limit:
            raise TransactionTooLarge("C111", f"{gas} gas planned, the limit is {self._config.gas_limit}")
        return gas

    def _departs(self, tx: SignedTx, bid: Bid, doors: frozenset[bytes], gas: int, calldata: bytes) -> None:
        call = self._call | {"gas": hex(gas), "input": "0x" + calldata.hex()}
        self._view.departs(tx.id, Flight(nonce=tx.nonce, seq=bid.opportunity.seq, doors=doors, call=call))


def _doors(plan: executor.Plan) -> Iterator[bytes]:
    for step in plan.swaps:
        yield from step.doors
    if plan.loan is not None:
        yield from plan.loan.doors


def _swap(step: object) -> SwapStep:
    if not isinstance(step, SwapStep):
        raise InvariantError("G501", f"a step of another family reached the EVM composer: {type(step).__name__}")
    return step


def _loan(before: tuple[object, ...]) -> LoanStep:
    if len(before) == 1 and isinstance(before[0], LoanStep):
        return before[0]
    raise InvariantError("G501", "an EVM loan is exactly one LoanStep before the swaps")
