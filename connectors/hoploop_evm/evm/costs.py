"""What a transaction of an EVM chain can cost."""

from __future__ import annotations

from hoploop.plugin.connector import Costs
from hoploop.plugin.kinds import FeeTerms
from hoploop_evm.evm.config import EvmConfig

BASE_UNITS = 45_000
"""Planned gas besides swaps and loan: 21000, calldata, balance checks and the event (measured; see evm.md)."""
MARGIN_NUM, MARGIN_DEN = 8, 5
"""Gas limit over planned gas: up to a fifth is refunded only at the end (EIP-3529), and pools differ."""


def fee_terms(config: EvmConfig) -> FeeTerms:
    """Gas at the configured price; never more than the gas limit of the transaction."""
    return FeeTerms(
        base_fee=0, base_units=BASE_UNITS, price_num=config.fees.gas_price, price_den=1,
        most_num=MARGIN_NUM, most_den=MARGIN_DEN,
    )  # fmt: skip


def costs(config: EvmConfig) -> Costs:
    """For the projection of `validate`."""
    return Costs(fee=fee_terms(config))
