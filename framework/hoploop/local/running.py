"""What a started embedded chain tells the runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec


class RunningChain(msgspec.Struct, frozen=True, kw_only=True):
    """A local chain in processes of its own, ready to serve; `stop` ends exactly those processes."""

    endpoint: str
    """`ipc:PATH` (EVM) or `http://127.0.0.1:PORT` (Solana)."""
    extras: Mapping[str, str]
    """Connector key -> local service URL (`flashbots`, `jito`), plus `ws` where the chain has a second port."""
    pids: tuple[int, ...]
    stop: Callable[[], Awaitable[None]]
