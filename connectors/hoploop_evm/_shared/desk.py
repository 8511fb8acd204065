"""What routes use of the family's client; a contract of its own, because connectors never import each other."""

from __future__ import annotations

from typing import Any, Protocol

from hoploop.model.chain import SignedTx
from hoploop.plugin.kinds import Permit
from hoploop_evm._shared.http import Http


class Desk(Protocol):
    """The client of an EVM chain, as a route sees it."""

    @property
    def http(self) -> Http: ...
    async def send_raw(self, tx: SignedTx, permit: Permit) -> Any: ...
    def head_number(self) -> int: ...
