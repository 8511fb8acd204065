"""Subscriptions of the local front: what each connection asked for, and the notifications it gets, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import orjson
from solders.pubkey import Pubkey

from hoploop.local.solana import wire
from hoploop.local.solana.bank import Bank
from hoploop.local.solana.encoding import account_json
from hoploop.local.solana.reads import AccountFilter
from hoploop.local.solana.records import Executed
from hoploop.local.solana.wire import INVALID_PARAMS, Handler, Options, Params, RpcError

MAX_SUBSCRIPTIONS = 2_000
"""Per connection."""

Post = Callable[[bytes], None]
"""Queues one message for a connection; never blocks."""


class _Watch(msgspec.Struct, frozen=True):
    """One subscription: where its notifications go and how they look."""

    ident: int
    post: Post
    encoding: str = "base64"
    matches: AccountFilter | None = None


class Hub:
    """Observer of the bank that turns its events into notifications. Order = order of events, then of subscribing."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self._next = 1
        self.slots: dict[int, _Watch] = {}
        self.accounts: dict[Pubkey, dict[int, _Watch]] = {}
        self.programs: dict[Pubkey, dict[int, _Watch]] = {}
        self.logs: dict[Pubkey | None, dict[int, _Watch]] = {}
        self.signatures: dict[str, dict[int, _Watch]] = {}
        bank.observe(self)

    def connect(self, post: Post) -> Subscriber:
        """A new connection's side of the hub."""
        return Subscriber(self, post)

    def on_slot(self, slot: int) -> None:
        """Tell slot subscribers; the root is the slot itself because nothing forks."""
        for watch in list(self.slots.values()):
            _notify("slot", watch, {"slot": slot, "parent": slot - 1, "root": slot})

    def on_executed(self, executed: Executed, changed: Sequence[Pubkey]) -> None:
        """Tell account, program, log and signature subscribers, in this order."""
        context = {"slot": executed.slot}
        for key in changed:
            self._account_changed(key, context)
        logs = {"signature": executed.decoded.signature, "err": executed.error, "logs": executed.logs}
        for mentioned in (None, *dict.fromkeys(executed.accounts.keys)):
            for watch in list(self.logs.get(mentioned, {}).values()):
                _notify("logs", watch, {"context": context, "value": logs})
        for watch in self.signatures.pop(executed.decoded.signature, {}).values():
            _notify("signature", watch, {"context": context, "value": {"err": executed.error}})

    def add(self, table: dict[Any, dict[int, _Watch]], key: Any, post: Post, **how: Any) -> int:
        """Enter a subscription; its id."""
        watch = self._new(post, **how)
        table.setdefault(key, {})[watch.ident] = watch
        return watch.ident

    def _account_changed(self, key: Pubkey, context: dict[str, int]) -> None:
        watching = list(self.accounts.get(key, {}).values())
        account = self.bank.account(key)
        owner = Pubkey.default() if account is None else account.owner
        following = list(self.programs.get(owner, {}).values())
        if not watching and not following:
            return
        gone = {"lamports": 0, "owner": str(owner), "executable": False, "rentEpoch": 0, "space": 0}
        for watch in watching:
            value = account_json(account, watch.encoding) or gone | {"data": ["", watch.encoding]}
            _notify("account", watch, {"context": context, "value": value})
        for watch in following:
            if account is not None and (watch.matches is None or watch.matches(bytes(account.data))):
                value = {"pubkey": str(key), "account": account_json(account, watch.encoding)}
                _notify("program", watch, {"context": context, "value": value})

    def _new(self, post: Post, **how: Any) -> _Watch:
        watch = _Watch(self._next, post, **how)
        self._next += 1
        return watch


class Subscriber:
    """Handlers of one connection. `late` holds notifications that may only follow the reply just made."""

    def __init__(self, hub: Hub, post: Post) -> None:
        self._hub = hub
        self._post = post
        self._mine: dict[int, Callable[[], object]] = {}
        self.late: list[bytes] = []

    def handlers(self) -> dict[str, Handler]:
        """Method name -> handler."""
        subscribes: dict[str, Handler] = {
            "accountSubscribe": self._account,
            "programSubscribe": self._program,
            "slotSubscribe": self._slot,
            "signatureSubscribe": self._signature,
            "logsSubscribe": self._logs,
        }
        return subscribes | {name.replace("Subscribe", "Unsubscribe"): self._unsubscribe for name in subscribes}

    def close(self) -> None:
        """Forget everything this connection asked for."""
        for forget in self._mine.values():
            forget()
        self._mine.clear()

    def _account(self, p: Params) -> int:
        how = {"encoding": _encoding(p.options(1))}
        return self._enter(self._hub.accounts, p.key(0), **how)

    def _program(self, p: Params) -> int:
        options = p.options(1)
        how = {"encoding": _encoding(options), "matches": AccountFilter(options)}
        return self._enter(self._hub.programs, p.key(0), **how)

    def _slot(self, p: Params) -> int:
        return self._enter({None: self._hub.slots}, None)

    def _logs(self, p: Params) -> int:
        wanted = p.any(0)
        if wanted in ("all", "allWithVotes"):
            return self._enter(self._hub.logs, None)
        mentions = p.options(0).list("mentions", most=1)
        if len(mentions) != 1:
            raise RpcError(INVALID_PARAMS, "Invalid Request: Only 1 address supported")
        return self._enter(self._hub.logs, wire.parse_key(mentions[0]))

    def _signature(self, p: Params) -> int:
        signature = p.signature(0)
        known = self._hub.bank.records.get(signature)
        ident = self._enter(self._hub.signatures, signature)
        if known is not None:
            self._mine.pop(ident)()
            value = {"context": {"slot": known.slot}, "value": {"err": known.error}}
            self.late.append(_message("signature", ident, value))
        return ident

    def _unsubscribe(self, p: Params) -> bool:
        forget = self._mine.pop(p.whole(0, most=2**64 - 1), None)
        if forget is None:
            raise RpcError(INVALID_PARAMS, "Invalid subscription id.")
        forget()
        return True

    def _enter(self, table: dict[Any, dict[int, _Watch]], key: Any, **how: Any) -> int:
        if len(self._mine) >= MAX_SUBSCRIPTIONS:
            raise RpcError(INVALID_PARAMS, f"at most {MAX_SUBSCRIPTIONS} subscriptions a connection")
        ident = self._hub.add(table, key, self._post, **how)
        self._mine[ident] = lambda: _remove(table, key, ident)
        return ident


def _remove(table: dict[Any, dict[int, _Watch]], key: Any, ident: int) -> None:
    entries = table.get(key, {})
    entries.pop(ident, None)
    if not entries and key is not None:
        table.pop(key, None)


def _encoding(options: Options) -> str:
    encoding = options.text("encoding", "base64")
    if encoding not in ("base64", "base64+zstd"):
        raise RpcError(INVALID_PARAMS, f"encoding {encoding!r:.40} is not offered here; use base64 or base64+zstd")
    return encoding


def _notify(kind: str, watch: _Watch, result: Any) -> None:
    watch.post(_message(kind, watch.ident, result))


def _message(kind: str, ident: int, result: Any) -> bytes:
    body = {"jsonrpc": "2.0", "method": f"{kind}Notification", "params": {"result": result, "subscription": ident}}
    return orjson.dumps(body)
