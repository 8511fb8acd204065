"""What client, feed and composer of one chain know together: the head, the nonces, the transactions under way."""

from __future__ import annotations

from collections import OrderedDict

import msgspec

MAX_FLIGHTS = 4096


class Flight(msgspec.Struct, frozen=True, kw_only=True):
    """What settling needs of a transaction of ours. Lost at a restart: then `first` is None."""

    nonce: int
    seq: int
    """Ordering number of the newest update the quotes rest on."""
    doors: frozenset[bytes]
    """Logs (address + topic 0) that say a pool of the route moved."""
    call: dict[str, str]
    """The transaction as `eth_call` takes it."""


class Nonces:
    """Hands out the lowest free nonce, so a lost transaction leaves no gap for long.

    A nonce is taken by `sign` and given back by `release`, when the transaction expired, or when the chain has moved
    past it. What the chain counts always wins.
    """

    def __init__(self) -> None:
        self._next = 0
        self._taken: dict[int, int] = {}

    def take(self, expires: int) -> int:
        """The lowest free nonce, held until `expires` (a block number) at the latest."""
        nonce = self._next
        while nonce in self._taken:
            nonce += 1
        self._taken[nonce] = expires
        return nonce

    def give_back(self, nonce: int) -> None:
        """The transaction never left, or never can land."""
        self._taken.pop(nonce, None)

    def resync(self, count: int, head: int) -> None:
        """`count` transactions of ours are on chain at block `head`: forget what is mined or expired."""
        self._next = count
        self._taken = {n: expires for n, expires in self._taken.items() if n >= count and expires >= head}


class ChainView:
    """Shared by the parts of one chain; single-threaded like the event loop they run on."""

    def __init__(self) -> None:
        self.head = 0
        self.head_time = 0
        self.nonces = Nonces()
        self._flights: OrderedDict[str, Flight] = OrderedDict()

    def saw(self, number: int, timestamp: int) -> None:
        """A block somebody heard of; a lower one after a reorg is taken as it comes."""
        self.head, self.head_time = number, timestamp

    def departs(self, tx_id: str, flight: Flight) -> None:
        """Remember a signed transaction; the oldest is forgotten past `MAX_FLIGHTS`."""
        self._flights[tx_id] = flight
        while len(self._flights) > MAX_FLIGHTS:
            self._flights.popitem(last=False)

    def flight(self, tx_id: str) -> Flight | None:
        """None when unknown, for example after a restart."""
        return self._flights.get(tx_id)

    def ends(self, tx_id: str) -> None:
        """The transaction will not land: its nonce is free again."""
        flight = self._flights.pop(tx_id, None)
        if flight is not None:
            self.nonces.give_back(flight.nonce)
