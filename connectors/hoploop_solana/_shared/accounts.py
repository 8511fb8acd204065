"""Reading many accounts as of one slot, and the SPL token account's bytes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, PermanentError
from hoploop_solana._shared.addresses import TOKEN
from hoploop_solana._shared.asking import U64, AtSlot

if TYPE_CHECKING:
    from hoploop_solana._shared.rpc import JsonRpc

MAX_KEYS = 100
TOKEN_ACCOUNT_SIZE = 165


class AccountValue(msgspec.Struct, frozen=True):
    """An account as nodes send it with encoding base64."""

    data: tuple[str, str]
    owner: str
    lamports: U64 = 0

    def bytes(self) -> bytes:
        """Decoded data; DecodeError when it is not base64."""
        text, encoding = self.data
        if encoding != "base64":
            raise DecodeError("C207", f"account data came as {encoding[:20]!r}, not base64")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise DecodeError("C207", "account data is not base64") from None


class Account(msgspec.Struct, frozen=True):
    """An account that exists."""

    owner: str
    lamports: int
    data: bytes


class Accounts(msgspec.Struct, frozen=True):
    """Accounts in the order asked, all as of `slot`; None where there is none."""

    slot: int
    items: tuple[Account | None, ...]


async def read_accounts(rpc: JsonRpc, keys: Sequence[Pubkey], commitment: str = "processed") -> Accounts:
    """Read any number of accounts at one slot; PermanentError when the node cannot hold still over several calls."""
    for _ in range(5):
        parts = [await _read_page(rpc, keys[at : at + MAX_KEYS], commitment) for at in range(0, len(keys), MAX_KEYS)]
        if len({part.slot for part in parts}) <= 1:
            return Accounts(parts[0].slot if parts else 0, tuple(item for part in parts for item in part.items))
    raise PermanentError("C202", f"{len(keys)} accounts could not be read at one slot")


async def _read_page(rpc: JsonRpc, keys: Sequence[Pubkey], commitment: str) -> Accounts:
    answer = await rpc.read(
        "getMultipleAccounts",
        [[str(key) for key in keys], {"encoding": "base64", "commitment": commitment}],
        AtSlot[list[AccountValue | None]],
    )
    if len(answer.value) != len(keys):
        raise PermanentError("C202", f"getMultipleAccounts: {len(answer.value)} answers to {len(keys)} keys")
    try:
        items = tuple(v if v is None else Account(v.owner, v.lamports, v.bytes()) for v in answer.value)
    except DecodeError as error:
        raise PermanentError("C202", f"getMultipleAccounts: {error.message}") from None
    return Accounts(answer.context.slot, items)


class TokenAccount(msgspec.Struct, frozen=True):
    """The fields of an SPL token account that matter here (offsets 0, 32, 64)."""

    mint: Pubkey
    owner: Pubkey
    amount: int


def token_state(account: Account | None, what: str) -> TokenAccount:
    """Decode; PermanentError when `what` is absent or not a token account of the SPL Token program."""
    if account is None:
        raise PermanentError("C206", f"{what} does not exist on this chain")
    if account.owner != str(TOKEN) or len(account.data) != TOKEN_ACCOUNT_SIZE:
        raise PermanentError("C206", f"{what} is not an SPL token account")
    data = account.data
    return TokenAccount(Pubkey(data[0:32]), Pubkey(data[32:64]), int.from_bytes(data[64:72], "little"))
