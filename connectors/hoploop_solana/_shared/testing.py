"""A scripted Solana node on loopback, so that connectors are tested over real sockets without a chain."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.model.money import Asset
from hoploop.plugin.connector import ChainScope

Answer = Any
"""A JSON result, an `RpcFault`, raw `bytes` sent as the body, or a function of the params giving one of these."""


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class RpcFault(Exception):
    """Makes the node answer with this error object; `error` is sent as it is."""

    def __init__(self, error: Mapping[str, Any], status: int = 200) -> None:
        super().__init__(str(error))
        self.error = error
        self.status = status


class FakeNode:
    """JSON-RPC over HTTP. `answers` maps methods to answers; `calls` lists (method, params) in order."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.calls: list[tuple[str, list[Any]]] = []

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """URL of the node while the block runs."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self._post)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        call = orjson.loads(await request.read())
        self.calls.append((call["method"], call["params"]))
        answer = self.answers.get(call["method"], RpcFault({"code": -32601, "message": "Method not found"}))
        if callable(answer):
            answer = answer(*call["params"])
        if isinstance(answer, bytes):
            return web.Response(body=answer, content_type="application/json")
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": call["id"]}
        status = 200
        if isinstance(answer, RpcFault):
            reply["error"], status = answer.error, answer.status
        else:
            reply["result"] = answer
        return web.Response(body=orjson.dumps(reply), content_type="application/json", status=status)


@contextlib.asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """A TCP server that does whatever `talk` does to each connection: for hangs, closes and garbage."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await talk(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def at_slot(value: Any, slot: int = 100) -> dict[str, Any]:
    """The `{context, value}` pair."""
    return {"context": {"slot": slot, "apiVersion": "4.1.2"}, "value": value}


def account_json(owner: Pubkey | str, data: bytes, lamports: int = 1_000_000) -> dict[str, Any]:
    """An account as nodes send it with encoding base64."""
    return {
        "data": [base64.b64encode(data).decode(), "base64"], "owner": str(owner), "lamports": lamports,
        "executable": False, "rentEpoch": 2**64 - 1, "space": len(data),
    }  # fmt: skip


def token_account_data(mint: Pubkey, owner: Pubkey, amount: int) -> bytes:
    """165 bytes of an initialised SPL token account."""
    return (bytes(mint) + bytes(owner) + amount.to_bytes(8, "little") + bytes(36) + b"\x01").ljust(165, b"\0")


def named_key(name: str) -> Pubkey:
    """A public key that depends on the name alone."""
    return named_pair(name).pubkey()


def named_pair(name: str) -> Keypair:
    """The key pair behind `named_key`."""
    return Keypair.from_seed(name.encode().ljust(32, b"."))


def scope(*assets: str) -> ChainScope:
    """A chain `sol` owned by `named_pair("owner")` with these assets, the first wrapping the native coin."""
    return ChainScope(
        chain_id="sol",
        identity=str(named_key("genesis")),
        assets={
            name: Asset(
                id=name, chain="sol", address=str(named_key(f"mint {name}")), symbol=name.upper(), decimals=9,
                wraps_native=number == 0,
            )
            for number, name in enumerate(assets)
        },
        settings=None,
        owner=str(named_key("owner")),
    )  # fmt: skip
