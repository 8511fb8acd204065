"""A block engine with Jito's JSON-RPC: bundles run all-or-nothing, at once, and must tip."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any

import msgspec
from aiohttp import web
from solders.pubkey import Pubkey

from hoploop.local.solana import names, txdecode, txview, wire
from hoploop.local.solana.bank import Bank, BundleFailed
from hoploop.local.solana.front import json_response
from hoploop.local.solana.reads import Reads
from hoploop.local.solana.records import Executed
from hoploop.local.solana.sends import Sends, decode_param
from hoploop.local.solana.txdecode import Decoded
from hoploop.local.solana.wire import INVALID_PARAMS, Handler, Params, RpcError

MAX_BUNDLE = 5
MAX_IDS = 5
MIN_TIP_LAMPORTS = 1_000
_KEPT_BUNDLES = 5_000
_PATHS = ("bundles", "transactions", "getBundleStatuses", "getInflightBundleStatuses", "getTipAccounts")


class _Bundle(msgspec.Struct, frozen=True):
    """What became of a bundle; `slot` is None when nothing of it is on the chain."""

    signatures: tuple[str, ...]
    slot: int | None


class BlockEngine:
    """Answers sendBundle, sendTransaction, the status calls and getTipAccounts. No auction: first come first."""

    def __init__(self, bank: Bank, reads: Reads, sends: Sends) -> None:
        self._bank = bank
        self._reads = reads
        self._sends = sends
        self._tips = frozenset(Pubkey.from_string(key) for key in names.TIP_ACCOUNTS)
        self._bundles: OrderedDict[str, _Bundle] = OrderedDict()

    def application(self) -> web.Application:
        """Jito's paths under /api/v1, each answering every method, and `/` for convenience."""
        app = web.Application(client_max_size=wire.MAX_REQUEST_BYTES)
        for path in ("/", *(f"/api/v1/{name}" for name in _PATHS)):
            app.router.add_post(path, self._post)
        return app

    async def _post(self, request: web.Request) -> web.Response:
        headers: dict[str, str] = {}
        only_bundle = request.query.get("bundleOnly") == "true"
        handlers = self.handlers() | {"sendTransaction": lambda p: self._send_transaction(p, only_bundle, headers)}
        reply = wire.answer(await request.read(), handlers)
        return json_response(reply, headers)

    def handlers(self) -> dict[str, Handler]:
        """Method name -> handler."""
        return {
            "sendBundle": self._send_bundle,
            "getBundleStatuses": self._statuses,
            "getInflightBundleStatuses": self._inflight,
            "getTipAccounts": lambda _: list(names.TIP_ACCOUNTS),
        }

    def _send_bundle(self, p: Params) -> str:
        encoding = p.options(1).text("encoding", "base58")
        texts = p.list(0, most=MAX_BUNDLE)
        if not texts:
            raise RpcError(INVALID_PARAMS, "bundle must contain at least one transaction")
        bundle = [decode_param(Params(texts).text(i), encoding) for i in range(len(texts))]
        return self._run(bundle)

    def _send_transaction(self, p: Params, only_bundle: bool, headers: dict[str, str]) -> str:
        decoded = decode_param(p.text(0), p.options(1).text("encoding", "base58"))
        if only_bundle:
            headers["x-bundle-id"] = self._run([decoded])
            return decoded.signature
        headers["x-bundle-id"] = bundle_id([decoded.signature])
        return self._sends.submit(decoded)

    def _run(self, bundle: list[Decoded]) -> str:
        """Bundle id; what can be known before running is refused at once, the rest shows in the status."""
        signatures = [decoded.signature for decoded in bundle]
        if len(set(signatures)) != len(signatures):
            raise RpcError(INVALID_PARAMS, "bundle contains duplicate transactions")
        if any(signature in self._bank.records for signature in signatures):
            raise RpcError(INVALID_PARAMS, "bundle contains an already processed transaction")
        if not any(self._locks_a_tip_account(decoded) for decoded in bundle):
            raise RpcError(
                INVALID_PARAMS, "Bundles must write lock at least one tip account to be eligible for the auction."
            )
        ident = bundle_id(signatures)
        slot: int | None = None
        try:
            slot = self._bank.execute_bundle(bundle, accept=self._pays_a_tip)[0].slot
        except BundleFailed:
            slot = None
        self._bundles[ident] = _Bundle(tuple(signatures), slot)
        while len(self._bundles) > _KEPT_BUNDLES:
            self._bundles.popitem(last=False)
        return ident

    def _locks_a_tip_account(self, decoded: Decoded) -> bool:
        keys = decoded.tx.message.account_keys
        return any(key in self._tips and txdecode.is_writable(decoded, i) for i, key in enumerate(keys))

    def _pays_a_tip(self, executed: list[Executed]) -> bool:
        """Do the tip accounts end with at least the minimum more, by whatever instruction?"""
        gained = 0
        for one in executed:
            for key, before, after in zip(one.accounts.keys, one.pre, one.post, strict=True):
                gained += after - before if key in self._tips else 0
        return gained >= MIN_TIP_LAMPORTS

    def _statuses(self, p: Params) -> Any:
        return self._reads.context([self._status(ident) for ident in _ids(p)])

    def _status(self, ident: str) -> Any:
        bundle = self._bundles.get(ident)
        if bundle is None or bundle.slot is None:
            return None
        return {
            "bundle_id": ident,
            "transactions": list(bundle.signatures),
            "slot": bundle.slot,
            "confirmation_status": txview.COMMITMENT,
            "err": {"Ok": None},
        }

    def _inflight(self, p: Params) -> Any:
        shown = []
        for ident in _ids(p):
            bundle = self._bundles.get(ident)
            slot = None if bundle is None else bundle.slot
            status = "Invalid" if bundle is None else "Failed" if slot is None else "Landed"
            shown.append({"bundle_id": ident, "status": status, "landed_slot": slot})
        return self._reads.context(shown)


def bundle_id(signatures: list[str]) -> str:
    """Lowercase hex sha256 of the signatures, base58, joined by commas."""
    return hashlib.sha256(",".join(signatures).encode()).hexdigest()


def _ids(p: Params) -> list[str]:
    texts = p.list(0, most=MAX_IDS)
    return [Params(texts).text(i) for i in range(len(texts))]
