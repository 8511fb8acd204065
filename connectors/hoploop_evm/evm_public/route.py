"""The public mempool, through the chain's own node."""

from __future__ import annotations

from typing import Any

from hoploop.errors import HoploopError, RateLimited, Rejected, TransientError, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext
from hoploop.plugin.kinds import Permit, RouteTerms
from hoploop_evm._shared.asking import NodeError
from hoploop_evm._shared.desk import Desk
from hoploop_evm.evm_public.config import EvmPublicConfig

ALREADY_THERE = ("already known", "known transaction", "already imported")


class EvmPublic:
    """Everybody sees it before it lands; the executor's own checks are what protects it."""

    def __init__(self, config: EvmPublicConfig, context: RouteContext) -> None:
        self._client: Desk = context.client

    def terms(self) -> RouteTerms:
        return RouteTerms()

    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        """The transaction hash. Rejected and RateLimited mean it did not enter; Unreachable means nobody knows."""
        try:
            answer: Any = await self._client.send_raw(tx, permit)
        except NodeError as error:
            if any(words in error.text.lower() for words in ALREADY_THERE):
                return tx.id
            raise Rejected("C121", error.text) from None
        except TransientError as error:
            raise _no_answer(error) from None
        if answer != tx.id:
            raise Unreachable("C123", "the node answered with another transaction hash")
        return tx.id

    async def status(self, reference: str) -> str:
        """The mempool has no word of its own."""
        return "sent to the public mempool"


def _no_answer(error: TransientError) -> HoploopError:
    if error.code == "C104":
        return RateLimited("C122", error.message)
    return Unreachable("C123", error.message)
