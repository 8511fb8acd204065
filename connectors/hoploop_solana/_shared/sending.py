"""What both routes do alike: send once, and name why it failed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from hoploop.errors import PermanentError, RateLimited, Rejected, TransientError, Unreachable
from hoploop.model.chain import SignedTx
from hoploop.plugin.kinds import Permit
from hoploop_solana._shared.asking import NodeError
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.wire import plain


def encoded(tx: SignedTx) -> str:
    """The wire bytes as base64 text."""
    return base64.b64encode(tx.raw).decode()


async def send_once(rpc: JsonRpc, method: str, params: Sequence[Any], permit: Permit) -> str:
    """The route's text answer.

    Rejected when it said no, RateLimited when it asks to slow down, Unreachable when no usable answer came: then
    the transaction may or may not have arrived. GateClosed passes through.
    """
    try:
        return await rpc.send(method, params, str, permit)
    except NodeError as error:
        raise Rejected("C221", f"{error.message}{_reason(error.data)}") from None
    except TransientError as error:
        if error.code == "C204":
            raise RateLimited("C222", error.message) from None
        raise Unreachable("C223", error.message) from None
    except PermanentError as error:
        raise Unreachable("C223", error.message) from None


def _reason(data: Any) -> str:
    """The `err` of a failed preflight where the node adds one; many do not."""
    return f": {plain(data['err'])}" if isinstance(data, dict) and data.get("err") is not None else ""
