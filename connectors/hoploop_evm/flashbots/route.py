"""A Flashbots-style relay: one transaction as a bundle for each of the next blocks; a failing one never lands."""

from __future__ import annotations

from hoploop.errors import GateClosed, Rejected, RouteError
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext
from hoploop.plugin.kinds import Permit, RouteTerms
from hoploop_evm._shared.desk import Desk
from hoploop_evm._shared.keys import Key
from hoploop_evm.flashbots import layout
from hoploop_evm.flashbots.config import FlashbotsConfig


class Flashbots:
    """Private until it lands, and free when it does not."""

    def __init__(self, config: FlashbotsConfig, context: RouteContext) -> None:
        self._client: Desk = context.client
        self._url = context.endpoint
        self._blocks = config.blocks
        self._key = Key(context.secrets.resolve(config.key), config.key)

    def terms(self) -> RouteTerms:
        return RouteTerms(atomic=True)

    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        """The bundle's hash; one request a block, each with its own permit. Raises only when no block was bid for."""
        head = self._client.head_number()
        reference: str | None = None
        refusal: RouteError = Rejected("C121", f"its last block {tx.expires} is past")
        for block in range(head + 1, min(head + self._blocks, tx.expires) + 1):
            try:
                reference = await self._send(tx, block, permit)
            except Rejected as error:
                refusal = error  # a relay that is a block ahead of us still takes the next one
            except (GateClosed, RouteError):
                if reference is None:
                    raise
                break  # an earlier bundle is out: its outcome is what counts
        if reference is None:
            raise refusal
        return reference

    async def status(self, reference: str) -> str:
        """Relays do not tell what becomes of a bundle."""
        return "handed to the relay"

    async def reach(self) -> str:
        """Any word of its own will do: relays refuse what is no bundle. Unreachable without one."""
        body = layout.request("flashbots_getUserStatsV2", {"blockNumber": hex(self._client.head_number())})
        status, answer = await self._client.http.post(self._url, body, layout.headers(self._key, body), _asks_nothing)
        try:
            layout.result(status, answer)
        except Rejected:
            return "it answers"
        return "it knows us"

    async def _send(self, tx: SignedTx, block: int, permit: Permit) -> str:
        body = layout.request("eth_sendBundle", {"txs": ["0x" + tx.raw.hex()], "blockNumber": hex(block)})
        status, answer = await self._client.http.post(self._url, body, layout.headers(self._key, body), permit)
        reference = layout.result(status, answer).get("bundleHash")
        return reference if isinstance(reference, str) else tx.id


def _asks_nothing() -> None:
    """A question moves no funds: the gate has nothing to say."""
