"""Frames of nodes as validators, anvil and geth write them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hot_kit import account_door, door, sync

from hoploop_solana._shared.testing import account_json, at_slot, named_key

ACCOUNTS = [account_door(1), account_door(2)]
PAIR = door(3)
TAKEN = ("kept", "other", "unwatched", "removed")
"""What a frame that was understood became."""


def account(data: bytes = b"abc", slot: int = 5, subscription: int = 71, encoding: str = "base64") -> str:
    """As validators write it, and the local chain."""
    value = account_json(named_key("program"), data) | {"executable": False, "rentEpoch": 2**64 - 1, "space": len(data)}
    value["data"] = [value["data"][0], encoding]
    params = {"result": at_slot(value, slot), "subscription": subscription}
    return json.dumps({"jsonrpc": "2.0", "method": "accountNotification", "params": params}, separators=(",", ":"))


def log(data: bytes = sync(7, 8), block: int = 5, index: int = 2, **extra: Any) -> str:
    """As anvil and geth write it."""
    result = {
        "address": "0x" + PAIR[:20].hex(),
        "topics": ["0x" + PAIR[20:].hex(), "0x" + "0a" * 32],
        "data": "0x" + data.hex(),
        "blockHash": "0x" + "1b" * 32,
        "blockNumber": hex(block),
        "blockTimestamp": "0x68000000",
        "transactionHash": "0x" + "2c" * 32,
        "transactionIndex": "0x0",
        "logIndex": hex(index),
        "removed": False,
    }
    params = {"subscription": "0x9c", "result": result | extra}
    return json.dumps({"jsonrpc": "2.0", "method": "eth_subscription", "params": params}, separators=(",", ":"))


def damage(rng: Random) -> bytes:
    """A frame with a few of its bytes replaced, removed or doubled, or cut off."""
    size = rng.choice((0, 8, 64, 300))
    text = log(rng.randbytes(size)) if rng.random() < 0.5 else account(rng.randbytes(size), 5, rng.choice((71, 72)))
    frame = bytearray(text.encode())
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(frame))
        frame[at : at + rng.randrange(3)] = rng.choice(
            (
                b"",
                b'"',
                b"0",
                b"-1",
                b"{",
                b"]",
                b"\\",
                b",",
                b"=",
                b"\xc3",
                b"e9",
                rng.randbytes(2),
                frame[at : at + 5],
            )
        )
    return bytes(frame[: rng.randrange(len(frame)) if rng.random() < 0.05 else len(frame)])
