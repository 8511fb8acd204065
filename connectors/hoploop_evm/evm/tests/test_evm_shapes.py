"""A shape is written out once; what may differ within it is named."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from hoploop.model.chain import Family
from hoploop.plugin.signing import Signer, Slot, Template, Templates
from hoploop_evm._shared import executor
from hoploop_evm._shared.steps import LenderKind, LoanStep, SwapKind, SwapStep
from hoploop_evm.evm.shapes import Shapes, Terms

TERMS = Terms(1, b"\x06" * 20, 5)
SWAP = SwapStep(SwapKind.V2, b"\x01" * 20, b"\x02" * 20, 7, 8, ())
LOAN = LoanStep(LenderKind.AAVE_V3, b"\x03" * 20)
PLAN = executor.Plan(
    asset=b"\x04" * 20, amount_in=7, swaps=(SWAP,), loan=LOAN, loan_amount=7, min_profit=9, valid_until=10
)


class Recorded:
    """Templates that answer with what they are filled with."""

    def __init__(self) -> None:
        self.made: list[tuple[bytes, Sequence[Slot]]] = []

    def signer(self, family: Family, secret: bytes) -> Signer:
        raise AssertionError("shapes need no key")

    def templates(self, family: Family, capacity: int) -> Templates:
        raise AssertionError("shapes are no routes")

    def template(self, family: Family, unsigned: bytes, slots: Sequence[Slot]) -> Template:
        self.made.append((unsigned, slots))
        return self

    def fill(self, fresh: bytes, parts: Sequence[bytes]) -> bytes:
        return fresh + b"".join(parts)


def test_amounts_bounds_gas_and_nonce_are_filled_into_one_shape() -> None:
    made = Recorded()
    shapes = Shapes(TERMS, made)
    swap = msgspec.structs.replace(SWAP, max_in=1, amount_out=2)
    other = msgspec.structs.replace(PLAN, amount_in=1, loan_amount=1, min_profit=2, valid_until=3, swaps=(swap,))
    for plan, gas, nonce in ((PLAN, 21_000, 1), (other, 22_000, 2)):
        filled = shapes.unsigned(plan, gas, nonce)
        assert filled == nonce.to_bytes(8, "big") + gas.to_bytes(8, "big") + b"".join(executor.variable(plan))
    assert [slots for _, slots in made.made] == [[(4, 0, 0), (7, 132, 96), (7, 260, 32), (7, 452, 64)]]


@pytest.mark.parametrize(
    "change",
    [
        {"asset": b"\x09" * 20}, {"loan": None}, {"loan": LoanStep(LenderKind.BALANCER_V2, LOAN.lender)},
        {"loan": LoanStep(LOAN.kind, b"\x09" * 20)}, {"swaps": (SWAP, SWAP)}, {"swaps": ()},
        {"swaps": (msgspec.structs.replace(SWAP, kind=SwapKind.V3),)},
        {"swaps": (msgspec.structs.replace(SWAP, pool=b"\x09" * 20),)},
        {"swaps": (msgspec.structs.replace(SWAP, token_out=b"\x09" * 20),)},
    ],
)  # fmt: skip
def test_other_assets_pools_tokens_and_lenders_are_other_shapes(change: dict[str, object]) -> None:
    made = Recorded()
    shapes = Shapes(TERMS, made)
    shapes.unsigned(PLAN, 1, 1)
    shapes.unsigned(msgspec.structs.replace(PLAN, **change), 1, 1)
    assert len(made.made) == 2


def test_the_shape_used_longest_ago_is_forgotten_first() -> None:
    made = Recorded()
    shapes = Shapes(TERMS, made, capacity=2)
    plans = [msgspec.structs.replace(PLAN, swaps=(SWAP,) * hops) for hops in range(3)]
    for at in (0, 1, 0, 2, 0):
        shapes.unsigned(plans[at], 1, 1)
    assert len(made.made) == 3
    shapes.unsigned(plans[1], 1, 1)
    assert len(made.made) == 4


def test_an_amount_that_is_no_word_is_refused() -> None:
    for signing in (None, Recorded()):
        with pytest.raises(OverflowError):
            Shapes(TERMS, signing).unsigned(msgspec.structs.replace(PLAN, amount_in=2**256), 1, 1)
