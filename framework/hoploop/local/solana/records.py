"""What happened on the local chain: executed transactions, kept for as long as the memory limit allows."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from hoploop.local.solana.ticks import BLOCKHASH_LIFE
from hoploop.local.solana.txdecode import Accounts, Decoded

KEPT = 20_000
_FEE_SLOTS = 150

TransactionError = str | dict[str, Any]
"""A TransactionError in its JSON-RPC form, e.g. `{"InstructionError": [1, {"Custom": 6}]}`."""


class TokenBalance(msgspec.Struct, frozen=True):
    """Balance of the token account at `index` of the transaction's accounts."""

    index: int
    mint: str
    owner: str
    program: str
    amount: int
    decimals: int


class Executed(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction that is in a block, successful or failed; balances by account index, before and after."""

    decoded: Decoded
    accounts: Accounts
    slot: int
    position: int
    """Place among the transactions of its slot."""
    error: TransactionError | None
    fee: int
    units: int
    logs: tuple[str, ...]
    unit_price: int
    pre: tuple[int, ...]
    post: tuple[int, ...]
    pre_tokens: tuple[TokenBalance, ...]
    post_tokens: tuple[TokenBalance, ...]


class Records:
    """Executed transactions by signature, and the unit prices paid per slot.

    The oldest are forgotten first, but none whose blockhash is still usable: it could be executed again.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._by_signature: OrderedDict[str, Executed] = OrderedDict()
        self._prices: deque[tuple[int, tuple[tuple[int, frozenset[str]], ...]]] = deque(maxlen=_FEE_SLOTS)
        self._open_prices: list[tuple[int, frozenset[str]]] = []

    def __contains__(self, signature: object) -> bool:
        return signature in self._by_signature

    def __iter__(self) -> Iterator[Executed]:
        """Newest first."""
        return iter(reversed(self._by_signature.values()))

    def add(self, executed: Executed) -> None:
        """Keep one more."""
        self._by_signature[executed.decoded.signature] = executed
        while len(self._by_signature) > self._kept and self._oldest_slot() < executed.slot - BLOCKHASH_LIFE:
            self._by_signature.popitem(last=False)
        found = executed.accounts
        locked = frozenset(str(k) for k, w in zip(found.keys, found.writable, strict=True) if w)
        self._open_prices.append((executed.unit_price, locked))

    def get(self, signature: str) -> Executed | None:
        """By signature; None when it never landed or is forgotten."""
        return self._by_signature.get(signature)

    def close_slot(self, slot: int) -> None:
        """The slot has ended: keep the prices paid in it."""
        self._prices.append((slot, tuple(self._open_prices)))
        self._open_prices = []

    def _oldest_slot(self) -> int:
        return next(iter(self._by_signature.values())).slot

    def lowest_prices(self, locked: Iterable[str]) -> list[tuple[int, int]]:
        """(slot, lowest unit price of a landed transaction that write-locks all of `locked`, else 0), oldest first."""
        wanted = frozenset(locked)
        return [
            (slot, min((price for price, keys in paid if wanted <= keys), default=0)) for slot, paid in self._prices
        ]
