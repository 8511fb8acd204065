"""Sends through a node: no preflight, no retries by the node, one write."""

from __future__ import annotations

from hoploop.errors import Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.connector import RouteContext
from hoploop.plugin.kinds import Permit, RouteTerms
from hoploop_solana._shared.asking import AtSlot
from hoploop_solana._shared.sending import encoded, send_once
from hoploop_solana._shared.wire import plain
from hoploop_solana.solana_rpc.config import SolanaRpcConfig

# The node must not simulate (we have) and must not rebroadcast: an old arbitrage that lands late only costs fees.
OPTIONS = {"encoding": "base64", "skipPreflight": True, "maxRetries": 0}


class SolanaRpc:
    """The recipe's `url`, or the chain's own endpoint. A transaction that fails still lands and pays its fee."""

    def __init__(self, config: SolanaRpcConfig, context: RouteContext) -> None:
        self._identity = context.scope.identity
        self._rpc = context.client.rpc.at(context.endpoint) if context.endpoint else context.client.rpc

    def terms(self) -> RouteTerms:
        """No tip, not atomic."""
        return RouteTerms()

    async def submit(self, tx: SignedTx, permit: Permit) -> str:
        """Returns the signature."""
        signature = await send_once(self._rpc, "sendTransaction", [encoded(tx), OPTIONS], permit)
        if signature != tx.id:
            raise Unreachable("C223", f"sendTransaction: answered for another signature: {plain(signature)}")
        return signature

    async def status(self, reference: str) -> str:
        """The node's confirmation status of the signature, or `unknown`."""
        answer = await self._rpc.read("getSignatureStatuses", [[reference]], AtSlot[list[dict[str, object] | None]])
        found = answer.value[0] if answer.value else None
        return "unknown" if found is None else plain(found.get("confirmationStatus") or "processed")

    async def reach(self) -> str:
        """The node is one of the chain; Unreachable when it is of another one."""
        genesis = await self._rpc.read("getGenesisHash", [], str)
        if genesis != self._identity:
            raise Unreachable("C223", f"the node is of another chain: {plain(genesis)}")
        return "a node of this chain"
