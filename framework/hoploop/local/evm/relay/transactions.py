"""Signed transactions as bundles carry them: what the builder has to know, read from the raw bytes."""

from __future__ import annotations

from typing import Any

import msgspec
import rlp
from eth_account import Account
from eth_keys.exceptions import BadSignature
from eth_utils.crypto import keccak
from eth_utils.exceptions import ValidationError

_LARGEST = 128 * 1024
# Type -> (fields, index of nonce, max fee, tip, gas, to, value, data); EIP-155 legacy is type 0.
_LAYOUTS = {0: (9, 0, 1, 1, 2, 3, 4, 5), 1: (11, 1, 2, 2, 3, 4, 5, 6), 2: (12, 1, 3, 2, 4, 5, 6, 7)}


class RawTransaction(msgspec.Struct, frozen=True, kw_only=True):
    """One decoded transaction; hex texts are 0x-prefixed and lower-case."""

    raw: str
    hash: str
    sender: str
    nonce: int
    max_fee: int
    max_tip: int
    call: dict[str, str]
    """The call object of eth_simulateV1."""

    def tip(self, base_fee: int) -> int:
        """Wei per gas that goes to the builder under that base fee."""
        return min(self.max_tip, self.max_fee - base_fee)


def decode_transaction(raw: Any) -> RawTransaction:
    """Read a raw transaction (hex text) of type 0, 1 or 2; ValueError when it is none."""
    if not isinstance(raw, str) or not raw.startswith("0x") or len(raw) > 2 * _LARGEST:
        raise ValueError("a transaction is 0x-prefixed hex of a sane size")
    data = bytes.fromhex(raw[2:])
    kind = data[0] if data and data[0] < 0x80 else 0
    if kind not in _LAYOUTS:
        raise ValueError(f"transaction type {kind} is not supported")
    count, *places = _LAYOUTS[kind]
    try:
        fields = rlp.decode(data[1:] if kind else data)
        sender = str(Account.recover_transaction(raw)).lower()
    except (rlp.exceptions.RLPException, TypeError, BadSignature, ValidationError) as error:
        raise ValueError("not a signed transaction") from error
    if not isinstance(fields, list) or len(fields) != count:
        raise ValueError("not a signed transaction")
    nonce, max_fee, tip, gas, to, value, payload = (fields[place] for place in places)
    call = {"from": sender, "nonce": _hex(nonce), "gas": _hex(gas), "value": _hex(value)}
    call |= {"input": "0x" + payload.hex(), "maxFeePerGas": _hex(max_fee), "maxPriorityFeePerGas": _hex(tip)}
    if to:
        call["to"] = "0x" + to.hex()
    numbers = (int.from_bytes(field, "big") for field in (nonce, max_fee, tip))
    nonce, max_fee, tip = numbers
    name = "0x" + keccak(data).hex()
    return RawTransaction(raw=raw, hash=name, sender=sender, nonce=nonce, max_fee=max_fee, max_tip=tip, call=call)


def _hex(field: bytes) -> str:
    return hex(int.from_bytes(field, "big"))
