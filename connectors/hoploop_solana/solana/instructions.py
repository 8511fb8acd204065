"""The instructions of an order, in their places."""

from __future__ import annotations

import msgspec
from solders.compute_budget import ID as COMPUTE_BUDGET
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from hoploop.errors import BuildError
from hoploop.plugin.kinds import Order
from hoploop_solana._shared.addresses import key
from hoploop_solana._shared.steps import Step
from hoploop_solana.solana.draft import Named
from hoploop_solana.solana.prebuilt import Given


def instructions(order: Order, given: Given, payer: Pubkey) -> tuple[Named, ...]:
    """Budget, loan, swaps with their guard, repayment, tip. BuildError when no swap can carry the guard."""
    budget = _budget(given)
    swaps = _guarded(order.steps, _least_output(order))
    before, after = ((), ()) if order.loan is None else (order.loan.before, order.loan.after)
    borrow_index = len(budget)
    steps = (*before, *swaps, *(_naming_loan(step, borrow_index) for step in after))
    placed = (Named(step.name, step.program, step.accounts, step.data) for step in steps)
    return (*budget, *placed, *_tip(order, payer))


def _tip(order: Order, payer: Pubkey) -> tuple[Named, ...]:
    if order.tip == 0:
        return ()
    to = key(order.tip_account, "tip account")
    return (Named.of("tip", transfer(TransferParams(from_pubkey=payer, to_pubkey=to, lamports=order.tip))),)


def _budget(given: Given) -> tuple[Named, ...]:
    units, price, loaded = given
    return (
        _budgeted("unit_limit", 2, units, 4),
        _budgeted("unit_price", 3, price, 8),
        _budgeted("loaded_bytes", 4, loaded, 4),
    )


def _budgeted(name: str, tag: int, value: int, size: int) -> Named:
    """One of `ComputeBudgetInstruction`: a tag byte and a number (solana-sdk, compute-budget-interface)."""
    return Named(f"compute_budget.{name}", COMPUTE_BUDGET, (), bytes((tag,)) + value.to_bytes(size, "little"))


def _least_output(order: Order) -> int:
    fee = 0 if order.loan is None else order.opportunity.flash_fee
    return order.opportunity.amount_in + fee + order.min_gain


def _guarded(steps: tuple[Step, ...], least: int) -> tuple[Step, ...]:
    """The steps with the last swap's minimum output raised to what repayment and minimum gain need."""
    if not 0 <= least < 1 << 64:
        raise BuildError("C215", f"a minimum output of {least} is not a u64")
    for at in range(len(steps) - 1, -1, -1):
        place = steps[at].min_out_at
        if place is not None:
            data = steps[at].data[:place] + least.to_bytes(8, "little") + steps[at].data[place + 8 :]
            return (*steps[:at], msgspec.structs.replace(steps[at], data=data), *steps[at + 1 :])
    raise BuildError("C215", "no step of the order takes a minimum output")


def _naming_loan(step: Step, borrow_index: int) -> Step:
    if step.loan_index_at is None:
        return step
    place = step.loan_index_at
    return msgspec.structs.replace(
        step, data=step.data[:place] + bytes((borrow_index,)) + step.data[place + 1 :], loan_index_at=None
    )
