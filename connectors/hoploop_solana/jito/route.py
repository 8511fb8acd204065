"""Sends one-transaction bundles: they land whole and successful or not at all."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from hoploop.errors import Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext
from hoploop.plugin.kinds import Permit, RouteTerms
from hoploop_solana._shared.asking import AtSlot
from hoploop_solana._shared.sending import encoded, send_once
from hoploop_solana._shared.wire import plain
from hoploop_solana.jito.config import TIP_ACCOUNTS, JitoConfig

PATH = "/api/v1/bundles"


class BundleStatus(msgspec.Struct, frozen=True):
    """One entry of getBundleStatuses."""

    bundle_id: Annotated[str, msgspec.Meta(max_length=128)]
    slot: int = 0
    confirmation_status: str | None = None
    err: Any = None


class Jito:
    """The tip rides in the arbitrage itself, so nobody can take it without the trade."""

    def __init__(self, config: JitoConfig, context: RouteContext) -> None:
        self._tip = config.tip
        self._rpc = context.client.rpc.at(context.endpoint.rstrip("/") + PATH)

    def terms(self) -> RouteTerms:
        """Tip policy of the recipe, Jito's eight accounts."""
        return RouteTerms(
            tip_accounts=TIP_ACCOUNTS, min_tip=self._tip.min, max_tip=self._tip.max,
            tip_share_num=self._tip.share.num, tip_share_den=self._tip.share.den, atomic=True,
        )  # fmt: skip

    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        """Returns the bundle id."""
        return plain(await send_once(self._rpc, "sendBundle", [[encoded(tx)], {"encoding": "base64"}], permit))

    async def status(self, reference: str) -> str:
        """Confirmation status of the bundle, or `unknown`: losing bundles vanish without a word."""
        answer = await self._rpc.read("getBundleStatuses", [[reference]], AtSlot[list[BundleStatus | None]])
        found = answer.value[0] if answer.value else None
        return "unknown" if found is None else plain(found.confirmation_status or "processed")

    async def reach(self) -> str:
        """Its tip accounts are the published ones; Unreachable otherwise."""
        found = set(await self._rpc.read("getTipAccounts", [], list[str]))
        if found.isdisjoint(TIP_ACCOUNTS):
            raise Unreachable("C223", "getTipAccounts: none of the published accounts")
        return f"{len(found)} tip accounts"
