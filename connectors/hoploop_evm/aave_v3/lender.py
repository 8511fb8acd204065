"""Aave V3 as a flash lender: a premium in basis points, pulled by the Pool after the callback."""

from __future__ import annotations

from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import LenderTerms, Loan
from hoploop_evm._shared.node import CallTo, Node, contradiction
from hoploop_evm._shared.steps import LenderKind, LoanStep
from hoploop_evm._shared.tokens import balance_of, problems_of_assets
from hoploop_evm._shared.words import address_bytes, not_addresses, words
from hoploop_evm.aave_v3 import layout
from hoploop_evm.aave_v3.config import AaveV3Config


class AaveV3:
    """Lends one asset a transaction, through `flashLoanSimple`."""

    def __init__(self, config: AaveV3Config, scope: ChainScope) -> None:
        self._config, self._scope = config, scope
        pool = address_bytes(config.pool, "pool")
        self._step = LoanStep(LenderKind.AAVE_V3, pool, (pool + layout.RESERVE_UPDATED,))

    def terms(self) -> LenderTerms:
        fee = self._config.fee
        return LenderTerms(
            assets=self._config.assets,
            fee_num=fee.num,
            fee_den=fee.den,
            rounding=self._config.rounding,
            min_fee=0,
            units=self._config.gas,
        )

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        """The executor approves exactly what is owed; there is nothing to do after the swaps."""
        return Loan((self._step,), ())

    async def available(self, client: Node, asset: str) -> int:
        """Underlying held by the aToken; 0 while the reserve is paused, inactive or flash loans are off."""
        token = address_bytes(self._scope.assets[asset].address, asset)
        head = await client.head()
        premium, raw = await client.view(
            head, [CallTo(self._config.pool, layout.PREMIUM), CallTo(self._config.pool, layout.ask_reserve(token))]
        )
        on_chain = words(premium, 1, "FLASHLOAN_PREMIUM_TOTAL")[0]
        fee = self._config.fee
        if on_chain * fee.den != fee.num * layout.PREMIUM_DEN:
            raise contradiction(f"{self._config.id} fee", f"{fee.num}/{fee.den}", f"{on_chain}/{layout.PREMIUM_DEN}")
        lends, a_token = layout.reserve(raw)
        if not lends:
            return 0
        held = await client.view(head, [balance_of(self._scope.assets[asset].address, a_token)])
        return words(held[0], 1, "balanceOf")[0]


def check(config: AaveV3Config, scope: ChainScope) -> list[str]:
    """Offline problems of the lender item."""
    return not_addresses(pool=config.pool) + problems_of_assets(config.assets, scope)
