"""The accounts of one pool by role, and bounds-checked reading of their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from solders.pubkey import Pubkey

from hoploop.hot.reference.refusal import Refused, demand


def address(text: str) -> bytes:
    """32 bytes of a base58 address."""
    return bytes(Pubkey.from_string(text))


class Clock(NamedTuple):
    """What the chain's clock says."""

    slot: int
    unix_timestamp: int
    epoch: int


class Account(msgspec.Struct, frozen=True):
    """One account: owner program and data."""

    owner: bytes
    data: bytes

    def uint(self, at: int, size: int) -> int:
        """Little-endian unsigned integer of `size` bytes; `length` past the end."""
        return int.from_bytes(self.take(at, size), "little")

    def sint(self, at: int, size: int) -> int:
        """Little-endian signed integer of `size` bytes; `length` past the end."""
        return int.from_bytes(self.take(at, size), "little", signed=True)

    def take(self, at: int, size: int) -> bytes:
        """`size` bytes at `at`; `length` past the end."""
        demand(at >= 0 and at + size <= len(self.data), "length")
        return self.data[at : at + size]


class Accounts(msgspec.Struct, frozen=True):
    """The accounts of one pool by role; a missing one is refused as `empty`."""

    roles: Mapping[str, bytes]
    held: Mapping[bytes, tuple[bytes, bytes]]

    def key(self, role: str) -> bytes:
        """Address of a role."""
        demand(role in self.roles, "empty")
        return self.roles[role]

    def role(self, role: str) -> Account:
        """The account of a role, which must exist."""
        account = self.at(self.key(role))
        if account is None:
            raise Refused("empty")
        return account

    def owned(self, role: str, program: bytes) -> Account:
        """The account of a role owned by `program`."""
        account = self.role(role)
        demand(account.owner == program, "owner")
        return account

    def at(self, key: bytes) -> Account | None:
        """The account at an address; None when there is none."""
        pair = self.held.get(key)
        return None if pair is None else Account(*pair)
