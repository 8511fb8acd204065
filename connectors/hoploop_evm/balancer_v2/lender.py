"""The Balancer V2 Vault as a flash lender: usually free, repaid by transfer inside the callback."""

from __future__ import annotations

from hoploop.plugin.connector import ChainScope
from hoploop.plugin.kinds import LenderTerms, Loan
from hoploop_evm._shared.node import CallTo, Node, contradiction
from hoploop_evm._shared.steps import LenderKind, LoanStep
from hoploop_evm._shared.tokens import balance_of, problems_of_assets
from hoploop_evm._shared.words import address_bytes, address_text, not_addresses, words
from hoploop_evm.balancer_v2 import layout
from hoploop_evm.balancer_v2.config import BalancerV2Config


class BalancerV2:
    """Lends what the Vault holds. Its one lock is shared with its swaps: a route it funds cannot pass through it."""

    def __init__(self, config: BalancerV2Config, scope: ChainScope) -> None:
        self._config, self._scope = config, scope
        self._step = LoanStep(LenderKind.BALANCER_V2, address_bytes(config.vault, "vault"))

    def terms(self) -> LenderTerms:
        fee = self._config.fee
        return LenderTerms(
            assets=self._config.assets,
            fee_num=fee.num,
            fee_den=fee.den,
            rounding="up",
            min_fee=0,
            units=self._config.gas,
        )

    def loan(self, asset: str, amount: int, fee: int) -> Loan:
        """The executor repays in its callback; there is nothing to do after the swaps."""
        return Loan((self._step,), ())

    async def available(self, client: Node, asset: str) -> int:
        """Tokens in the Vault; 0 while it is paused."""
        vault = self._config.vault
        head = await client.head()
        paused, collector, held = await client.view(
            head,
            [
                CallTo(vault, layout.PAUSED),
                CallTo(vault, layout.COLLECTOR),
                balance_of(self._scope.assets[asset].address, vault),
            ],
        )
        at = address_text(words(collector, 1, "getProtocolFeesCollector")[0])
        charged = words((await client.view(head, [CallTo(at, layout.FEE)]))[0], 1, "getFlashLoanFeePercentage")[0]
        fee = self._config.fee
        if charged * fee.den != fee.num * layout.FEE_DEN:
            raise contradiction(f"{self._config.id} fee", f"{fee.num}/{fee.den}", f"{charged}/{layout.FEE_DEN}")
        if words(paused, 1, "getPausedState")[0]:
            return 0
        return words(held, 1, "balanceOf")[0]


def check(config: BalancerV2Config, scope: ChainScope) -> list[str]:
    """Offline problems of the lender item."""
    return not_addresses(vault=config.vault) + problems_of_assets(config.assets, scope)
