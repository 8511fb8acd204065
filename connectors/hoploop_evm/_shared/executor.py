"""The executor contract as bytes: calldata of `execute`, its answer, its event and its revert reasons.

Layout: contracts/evm/src/Plan.sol and HoploopExecutor.sol; a test compares with the committed ABI.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hoploop.model.text import visible
from hoploop.plugin.signing import Source
from hoploop_evm._shared.steps import Amounts, LoanStep, SwapStep
from hoploop_evm._shared.words import WORD, address_text, padded, selector, topic, uint

EXECUTE = selector(
    "execute(((address,uint256,(uint8,address,address,uint256,uint256)[]),(uint8,address,uint256),uint256,uint256))"
)
EXECUTED = topic("Executed(address,uint256,address,uint256)")
_NO_LOAN = bytes(3 * WORD)
_FIRST_SWAP, _SWAP = 11, 5
"""Words before the first swap, and of a swap."""
_LOAN_AMOUNT, _AMOUNT_IN = 4, 8
"""Words: least profit and deadline follow the loan's amount."""
_ERROR = selector("Error(string)")
_PANIC = selector("Panic(uint256)")
_REASONS: dict[bytes, tuple[str, tuple[str, ...]]] = {
    selector(f"{name}({','.join(types)})"): (name, types)
    for name, types in (
        ("Expired", ("uint256",)),
        ("ForeignCallback", ("address",)),
        ("ForeignData", ()),
        ("ForeignInitiator", ("address",)),
        ("InFlight", ()),
        ("NoCallback", ("address",)),
        ("NotACycle", ()),
        ("NotExecutor", ()),
        ("NotFilled", ("address",)),
        ("NotOwner", ()),
        ("NotPendingOwner", ()),
        ("ResidualApproval", ("address",)),
        ("Short", ("uint256", "uint256", "uint256")),
        ("SweepFailed", ()),
        ("TokenFailed", ("address",)),
        ("Unprofitable", ("uint256", "uint256")),
        ("WrongLoan", ()),
        ("ZeroAddress", ()),
    )
}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments of `execute`."""

    asset: bytes
    amount_in: int
    swaps: tuple[SwapStep, ...]
    loan: LoanStep | None
    loan_amount: int
    min_profit: int
    valid_until: int


def encode(plan: Plan) -> bytes:
    """Calldata of `execute(plan)`; OverflowError for amounts that are no word."""
    swaps = b"".join(_swap(step) for step in plan.swaps)
    route = padded(plan.asset) + uint(plan.amount_in) + uint(3 * WORD) + uint(len(plan.swaps)) + swaps
    loan = _NO_LOAN if plan.loan is None else _loan(plan.loan, plan.loan_amount)
    head = uint(6 * WORD) + loan + uint(plan.min_profit) + uint(plan.valid_until)
    return EXECUTE + uint(WORD) + head + route


def places(plan: Plan) -> list[tuple[int, int]]:
    """Where `variable` stands in `encode(plan)`: (first byte, length)."""
    swaps = (_FIRST_SWAP + _SWAP * number + 3 for number in range(len(plan.swaps)))
    runs = ((_LOAN_AMOUNT, 3), (_AMOUNT_IN, 1), *((first, 2) for first in swaps))
    return [(4 + WORD * first, WORD * count) for first, count in runs]


def words(plan: Plan) -> list[tuple[int, Source, int]] | None:
    """First byte of each word that differs between plans of one route, and the number that stands there.

    None when a swap does not say what its amounts are. `valid_until` is the first of the composer's own numbers.
    """
    found: list[tuple[int, Source, int]] = [(_LOAN_AMOUNT, "amount_in", 0)] if plan.loan is not None else []
    found += [(_LOAN_AMOUNT + 1, "min_gain", 0), (_LOAN_AMOUNT + 2, "given", 0), (_AMOUNT_IN, "amount_in", 0)]
    for number, step in enumerate(plan.swaps):
        if step.amounts is Amounts.UNSAID:
            return None
        if step.amounts is Amounts.QUOTED:
            first = _FIRST_SWAP + _SWAP * number + 3
            found += [(first, "leg_in", number), (first + 1, "leg_out", number)]
    return [(4 + WORD * word, source, number) for word, source, number in found]


def variable(plan: Plan) -> list[bytes]:
    """What differs between two plans of one shape; OverflowError for amounts that are no word."""
    return [
        uint(plan.loan_amount if plan.loan is not None else 0) + uint(plan.min_profit) + uint(plan.valid_until),
        uint(plan.amount_in),
        *(uint(step.max_in) + uint(step.amount_out) for step in plan.swaps),
    ]


def shape(plan: Plan) -> tuple[object, ...]:
    """What is the same in two plans of one shape."""
    loan = None if plan.loan is None else (plan.loan.kind, plan.loan.lender)
    return plan.asset, loan, tuple((step.kind, step.pool, step.token_out) for step in plan.swaps)


def lines(plan: Plan) -> list[str]:
    """The plan in words, one line a part."""
    loan = "own capital"
    if plan.loan is not None:
        loan = f"borrow {plan.loan_amount} from {plan.loan.kind.name} {address_text(plan.loan.lender)}"
    return [
        f"execute asset={address_text(plan.asset)} amount_in={plan.amount_in} min_profit={plan.min_profit}"
        f" valid_until={plan.valid_until}",
        f"  {loan}",
        *(f"  {step.text()}" for step in plan.swaps),
    ]


def profit_of_answer(raw: bytes) -> int | None:
    """The `uint256` that `execute` returns; None when the bytes are no word."""
    return int.from_bytes(raw, "big") if len(raw) == WORD else None


def profit_of_logs(executor: bytes, logs: Sequence[tuple[bytes, tuple[bytes, ...], bytes]]) -> int | None:
    """`profit` of the `Executed` event among (address, topics, data); None when there is none."""
    for address, topics, data in logs:
        if address == executor and topics and topics[0] == EXECUTED and len(data) >= WORD:
            return int.from_bytes(data[:WORD], "big")
    return None


def reason(raw: bytes) -> str:
    """Revert data in words: `Error(string)`, panics, the executor's own errors; hex for anything else."""
    if not raw:
        return "reverted without a reason"
    head, rest = raw[:4], raw[4:]
    if head == _ERROR and len(rest) >= 2 * WORD:
        size = int.from_bytes(rest[WORD : 2 * WORD], "big")
        text = rest[2 * WORD : 2 * WORD + min(size, 200)].decode("utf-8", "replace")
        return "reverted: " + visible(text)
    if head == _PANIC and len(rest) == WORD:
        return f"panicked: 0x{int.from_bytes(rest, 'big'):02x}"
    known = _REASONS.get(head)
    if known is not None and len(rest) == WORD * len(known[1]):
        values = [_value(kind, rest[i * WORD : (i + 1) * WORD]) for i, kind in enumerate(known[1])]
        return f"{known[0]}({', '.join(values)})"
    return f"reverted: 0x{raw[:36].hex()}"


def _value(kind: str, word: bytes) -> str:
    return address_text(word[12:]) if kind == "address" else str(int.from_bytes(word, "big"))


def _swap(step: SwapStep) -> bytes:
    return uint(step.kind) + padded(step.pool) + padded(step.token_out) + uint(step.max_in) + uint(step.amount_out)


def _loan(loan: LoanStep, amount: int) -> bytes:
    return uint(loan.kind) + padded(loan.lender) + uint(amount)
