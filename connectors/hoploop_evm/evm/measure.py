"""How large an order's transaction is, without a key or a node."""

from __future__ import annotations

from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import Load, Order
from hoploop_evm._shared import executor
from hoploop_evm._shared.steps import LoanStep, SwapStep
from hoploop_evm._shared.words import address_bytes
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.costs import BASE_UNITS, MARGIN_DEN, MARGIN_NUM

MAX_BYTES = 128 * 1024
"""Most that nodes take into their pool (geth: txMaxSize)."""
ENVELOPE = 256
"""More than an EIP-1559 transaction has around its calldata."""


def measure(config: EvmConfig, scope: ChainScope, order: Order) -> tuple[Load, Load]:
    """Gas it asks for, and its bytes."""
    found = order.opportunity
    plan = executor.Plan(
        asset=address_bytes(scope.assets[found.asset].address, found.asset),
        amount_in=found.amount_in,
        swaps=tuple(step for step in order.steps if isinstance(step, SwapStep)),
        loan=next((step for step in order.loan.before if isinstance(step, LoanStep)), None) if order.loan else None,
        loan_amount=order.loan_amount,
        min_profit=order.min_gain,
        valid_until=0,
    )
    gas = (BASE_UNITS + found.units) * MARGIN_NUM // MARGIN_DEN
    return Load("gas", gas, config.gas_limit), Load("bytes", len(executor.encode(plan)) + ENVELOPE, MAX_BYTES)
