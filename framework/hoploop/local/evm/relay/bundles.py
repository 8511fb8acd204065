"""Bundles waiting for their block, and what became of those that no longer wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import msgspec
from eth_utils.crypto import keccak

from hoploop.local.evm.relay.transactions import RawTransaction, decode_transaction

_MOST_TRANSACTIONS = 100
_MOST_WAITING = 1_000
_KEPT_OUTCOMES = 10_000
_FURTHEST_BLOCKS = 25


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Transactions to be included together, in order, in a block of `first..last`."""

    key: str
    """Replacement id, else the hash."""
    hash: str
    transactions: tuple[RawTransaction, ...]
    may_revert: frozenset[str]
    first: int
    last: int


class BundlePool:
    """Waiting bundles by signer and key. Bounded: a full pool refuses."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], Bundle] = {}
        self._outcomes: OrderedDict[str, str] = OrderedDict()

    def add(self, signer: str, bundle: Bundle) -> None:
        """Keep a bundle, in place of an earlier one with its key; ValueError when the pool is full."""
        if len(self._waiting) >= _MOST_WAITING and (signer, bundle.key) not in self._waiting:
            raise ValueError("too many bundles waiting")
        self._waiting[signer, bundle.key] = bundle
        self.note(bundle, "waiting")

    def cancel(self, signer: str, key: str) -> bool:
        """Forget a bundle of that signer; whether there was one."""
        bundle = self._waiting.pop((signer, key), None)
        if bundle is not None:
            self.note(bundle, "cancelled")
        return bundle is not None

    def due(self, block: int) -> list[Bundle]:
        """Bundles for that block; those whose last block is past are dropped as missed."""
        for place, bundle in list(self._waiting.items()):
            if bundle.last < block:
                del self._waiting[place]
                self.note(bundle, f"missed: {self.outcome(bundle.hash)}")
        return [bundle for bundle in self._waiting.values() if bundle.first <= block]

    def remove(self, bundle: Bundle, outcome: str) -> None:
        """A bundle is done, also where it waits for another block."""
        self._waiting = {place: other for place, other in self._waiting.items() if other.hash != bundle.hash}
        self.note(bundle, outcome)

    def note(self, bundle: Bundle, outcome: str) -> None:
        """Remember what became of a bundle so far."""
        self._outcomes[bundle.hash] = outcome
        self._outcomes.move_to_end(bundle.hash)
        while len(self._outcomes) > _KEPT_OUTCOMES:
            self._outcomes.popitem(last=False)

    def outcome(self, name: str) -> str:
        """Last note about a bundle hash, `unknown` when there is none."""
        return self._outcomes.get(name, "unknown")


def parse_bundle(content: Any) -> Bundle:
    """Read the parameter object of eth_sendBundle; ValueError when it is not one."""
    fields = _fields(content)
    target = block_number(fields.get("blockNumber"))
    transactions = parse_transactions(fields.get("txs"))
    reverting = fields.get("revertingTxHashes") or ()
    if not isinstance(reverting, list | tuple) or not all(isinstance(name, str) for name in reverting):
        raise ValueError("revertingTxHashes is a list of hashes")
    name = bundle_hash(transactions)
    key = fields.get("replacementUuid") or f"{name}@{target}"
    may_revert = frozenset(text.lower() for text in reverting)
    return Bundle(
        key=str(key)[:100], hash=name, transactions=transactions, may_revert=may_revert, first=target, last=target
    )


def parse_private(content: Any, next_block: int) -> Bundle:
    """Read the parameter object of eth_sendPrivateTransaction: one transaction, in any block up to `maxBlockNumber`."""
    fields = _fields(content)
    transactions = parse_transactions([fields.get("tx")])
    limit = fields.get("maxBlockNumber")
    last = block_number(limit) if limit is not None else next_block + _FURTHEST_BLOCKS
    name = transactions[0].hash
    return Bundle(key=name, hash=name, transactions=transactions, may_revert=frozenset(), first=0, last=last)


def parse_transactions(content: Any) -> tuple[RawTransaction, ...]:
    """Decode a list of raw transactions; ValueError when empty, too long, repeated or undecodable."""
    if not isinstance(content, list) or not 0 < len(content) <= _MOST_TRANSACTIONS:
        raise ValueError(f"txs is a list of 1 to {_MOST_TRANSACTIONS} raw transactions")
    transactions = tuple(map(decode_transaction, content))
    if len({transaction.hash for transaction in transactions}) != len(transactions):
        raise ValueError("a transaction is in the bundle twice")
    return transactions


def block_number(content: Any) -> int:
    """A hex block number; ValueError otherwise."""
    if not isinstance(content, str) or not content.startswith("0x") or len(content) > 18:
        raise ValueError("a block number is 0x-prefixed hex")
    return int(content, 16)


def bundle_hash(transactions: tuple[RawTransaction, ...]) -> str:
    """keccak256 of the concatenated transaction hashes."""
    return "0x" + keccak(b"".join(bytes.fromhex(transaction.hash[2:]) for transaction in transactions)).hex()


def _fields(content: Any) -> Mapping[str, Any]:
    if not isinstance(content, dict):
        raise ValueError("params[0] is an object")
    return content
