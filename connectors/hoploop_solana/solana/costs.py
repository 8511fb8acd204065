"""What a transaction of a Solana chain costs, tips aside."""

from __future__ import annotations

from hoploop.plugin.connector import Costs
from hoploop.plugin.kinds import FeeTerms
from hoploop_solana.solana.config import SolanaConfig

LAMPORTS_PER_SIGNATURE = 5_000
BASE_UNITS = 600
"""Three compute-budget instructions and a tip, at 150 units each."""

MAX_UNITS = 1_400_000
"""Most a transaction may ask for."""


def fee_terms(config: SolanaConfig) -> FeeTerms:
    """One signature, and the unit price on the requested limit (charged whether used or not)."""
    return FeeTerms(
        base_fee=LAMPORTS_PER_SIGNATURE, base_units=BASE_UNITS,
        price_num=config.fees.unit_price, price_den=1_000_000, charged="limit",
    )  # fmt: skip


def costs(config: SolanaConfig) -> Costs:
    """For the projection of `validate`."""
    return Costs(fee=fee_terms(config))
