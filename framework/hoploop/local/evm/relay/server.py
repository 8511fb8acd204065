"""The relay's JSON-RPC over HTTP: bundles in, simulations and notes out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from hoploop.errors import LocalError
from hoploop.local.evm.relay.bundles import BundlePool, bundle_hash, parse_bundle, parse_private, parse_transactions
from hoploop.local.evm.relay.signature import HEADER, signer_of
from hoploop.local.evm.relay.simulator import Effect, Refused, Simulator
from hoploop.local.evm.rpc import IpcClient

_LARGEST_BODY = 4 * 1024 * 1024
_INVALID_REQUEST, _NO_METHOD, _INVALID_PARAMS, _FAILED = -32600, -32601, -32602, -32000

Method = Callable[[str, Any], Awaitable[Any]]


class Relay:
    """Answers requests that carry a good signature; the signer owns the bundles it sent."""

    def __init__(self, rpc: IpcClient, pool: BundlePool) -> None:
        self._rpc = rpc
        self._pool = pool
        self._simulator = Simulator(rpc)
        self._methods: Mapping[str, Method] = {
            "eth_sendBundle": self._send_bundle,
            "eth_callBundle": self._call_bundle,
            "eth_cancelBundle": self._cancel_bundle,
            "eth_sendPrivateTransaction": self._send_private,
            "eth_cancelPrivateTransaction": self._cancel_private,
            "flashbots_getBundleStatsV2": self._bundle_stats,
        }

    def application(self) -> web.Application:
        """The aiohttp application with its one path."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_post("/", self._handle)
        return application

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        signer = signer_of(request.headers.get(HEADER, ""), body)
        if signer is None:
            return _failure(None, _INVALID_REQUEST, f"{HEADER} is missing or invalid", status=403)
        try:
            message = orjson.loads(body)
            name, number = message["method"], message["id"]
            params = message.get("params") or [None]
            content = params[0]
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
            return _failure(None, _INVALID_REQUEST, "not a JSON-RPC request", status=400)
        method = self._methods.get(name) if isinstance(name, str) else None
        if method is None:
            return _failure(number, _NO_METHOD, "method not found")
        try:
            return _answer({"jsonrpc": "2.0", "id": number, "result": await method(signer, content)})
        except ValueError as error:
            return _failure(number, _INVALID_PARAMS, str(error))
        except (Refused, LocalError) as error:
            return _failure(number, _FAILED, str(error))

    async def _send_bundle(self, signer: str, content: Any) -> Any:
        bundle = parse_bundle(content)
        if bundle.last < await self._next_block():
            raise ValueError("the target block is past")
        self._pool.add(signer, bundle)
        return {"bundleHash": bundle.hash, "smart": False}

    async def _call_bundle(self, _: str, content: Any) -> Any:
        if not isinstance(content, dict):
            raise ValueError("params[0] is an object")
        transactions = parse_transactions(content.get("txs"))
        effects = await self._simulator.run(transactions)
        gas, paid = sum(effect.gas for effect in effects), sum(effect.paid for effect in effects)
        sent = sum(effect.sent_to_coinbase for effect in effects)
        return {
            "bundleHash": bundle_hash(transactions),
            "bundleGasPrice": str(paid // max(1, gas)),
            "coinbaseDiff": str(paid),
            "ethSentToCoinbase": str(sent),
            "gasFees": str(paid - sent),
            "totalGasUsed": gas,
            "stateBlockNumber": await self._next_block() - 1,
            "results": [_result(effect) for effect in effects],
        }

    async def _cancel_bundle(self, signer: str, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("replacementUuid"), str):
            raise ValueError("replacementUuid is missing")
        self._pool.cancel(signer, content["replacementUuid"])

    async def _send_private(self, signer: str, content: Any) -> Any:
        bundle = parse_private(content, await self._next_block())
        self._pool.add(signer, bundle)
        return bundle.hash

    async def _cancel_private(self, signer: str, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("txHash"), str):
            raise ValueError("txHash is missing")
        return self._pool.cancel(signer, content["txHash"].lower())

    async def _bundle_stats(self, _: str, content: Any) -> Any:
        if not isinstance(content, dict) or not isinstance(content.get("bundleHash"), str):
            raise ValueError("bundleHash is missing")
        outcome = self._pool.outcome(content["bundleHash"].lower())
        return {"isHighPriority": True, "isSimulated": outcome != "unknown", "outcome": outcome}

    async def _next_block(self) -> int:
        return int(await self._rpc.call("eth_blockNumber"), 16) + 1


def _result(effect: Effect) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "txHash": effect.transaction.hash,
        "fromAddress": effect.transaction.sender,
        "toAddress": effect.transaction.call.get("to"),
        "gasUsed": effect.gas,
        "gasPrice": str(effect.tip),
        "gasFees": str(effect.gas * effect.tip),
        "ethSentToCoinbase": str(effect.sent_to_coinbase),
        "coinbaseDiff": str(effect.paid),
        "value": effect.output,
    }
    return fields | ({"error": effect.error, "revert": effect.output} if effect.error else {})


def _failure(number: Any, code: int, message: str, *, status: int = 200) -> web.Response:
    return _answer({"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}, status=status)


def _answer(content: dict[str, Any], *, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")
