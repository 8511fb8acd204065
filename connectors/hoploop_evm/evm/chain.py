"""Wires client, feed and composer of one EVM chain together."""

from __future__ import annotations

from hoploop.errors import SignerUnavailable
from hoploop.plugin.connector import ChainContext
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.composer import EvmComposer
from hoploop_evm.evm.config import EvmConfig
from hoploop_evm.evm.feed import EvmFeed
from hoploop_evm.evm.native import Native
from hoploop_evm.evm.signing import Signer
from hoploop_evm.evm.view import ChainView


class EvmChain:
    """One chain. SignerUnavailable when the key is not the owner's."""

    def __init__(self, config: EvmConfig, context: ChainContext) -> None:
        scope = context.scope
        signer = Signer(context.secrets.resolve(context.key), context.key, context.signing)
        if signer.address.lower() != scope.owner.lower():
            raise SignerUnavailable("G302", f"{context.key} is the key of {signer.address}, not of owner {scope.owner}")
        view = ChainView()
        self._client = EvmClient(config, scope.owner, Rpc(context.endpoint, timeout_ms=config.timeout), view)
        native = _native(config, context)
        self._feed = EvmFeed(
            context.endpoint, view, timeout_ms=config.timeout, silence_ms=config.silence, native=native
        )
        self._composer = EvmComposer(config, scope.chain_id, scope.assets, signer, view, context.signing)

    @property
    def client(self) -> EvmClient:
        return self._client

    @property
    def feed(self) -> EvmFeed:
        return self._feed

    @property
    def composer(self) -> EvmComposer:
        return self._composer

    async def close(self) -> None:
        """Drop all connections; the feed drops its own when its stream is closed."""
        await self._client.close()


def _native(config: EvmConfig, context: ChainContext) -> Native | None:
    """When the recipe says so and the native reader takes the address."""
    ingest = context.ingest
    if config.ingest != "native" or ingest is None or ingest.refuses(context.endpoint):
        return None
    return Native(ingest, config.quiet, config.busy_poll)
