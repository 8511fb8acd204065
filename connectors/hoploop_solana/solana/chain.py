"""Wires client, feed and composer of one Solana chain."""

from __future__ import annotations

import time

from hoploop.errors import IncompatibleConnector
from hoploop.plugin.connector import ChainContext
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.wire import Wire
from hoploop_solana.solana.client import SolanaClient
from hoploop_solana.solana.composer import SolanaComposer
from hoploop_solana.solana.config import SolanaConfig
from hoploop_solana.solana.feed import SolanaFeed
from hoploop_solana.solana.memory import Memory
from hoploop_solana.solana.signing import Signer
from hoploop_solana.solana.sources import NativeSource, PythonSource, Source


class SolanaChain:
    """Client and routes share one HTTP pool, the feed has its own socket, the composer holds the key."""

    def __init__(self, config: SolanaConfig, context: ChainContext) -> None:
        signer = Signer(context.secrets.resolve(context.key), context.scope.owner, context.signing)
        memory = Memory()
        self._wire = Wire(timeout_ms=config.timeout)
        self._client = SolanaClient(JsonRpc(self._wire, context.endpoint), signer.owner, memory)
        self._feed = SolanaFeed(_source(config, context))
        self._composer = SolanaComposer(config, context.scope, signer, memory, context.signing)

    @property
    def client(self) -> SolanaClient:
        """Asks the node."""
        return self._client

    @property
    def feed(self) -> SolanaFeed:
        """Listens to the node."""
        return self._feed

    @property
    def composer(self) -> SolanaComposer:
        """Builds and signs."""
        return self._composer

    async def close(self) -> None:
        """Close the HTTP pool; streams end when their consumer stops."""
        await self._wire.close()


def _source(config: SolanaConfig, context: ChainContext) -> Source:
    """Native when the recipe says so and the native reader takes the address."""
    url = context.extras.get("ws") or websocket_url(context.endpoint)
    ingest = context.ingest
    if config.ingest == "native" and ingest is not None and not ingest.refuses(url):
        return NativeSource(
            ingest, url, silence_ms=config.silence, quiet_us=config.quiet, busy_poll=config.busy_poll,
            compressed=config.compressed,
        )  # fmt: skip
    return PythonSource(url, silence_ms=config.silence, gather_ms=config.gather, clock_ns=time.monotonic_ns)


def websocket_url(endpoint: str) -> str:
    """`http` becomes `ws`, `https` becomes `wss`, the rest stays: how hosted nodes serve both."""
    scheme, separator, rest = endpoint.partition("://")
    schemes = {"http": "ws", "https": "wss"}
    if not separator or scheme not in schemes:
        raise IncompatibleConnector("C209", f"endpoint: reached over http or https, not {scheme[:20]!r}")
    return f"{schemes[scheme]}://{rest}"
