"""What the relay and the gateway make of bytes from outside."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from hoploop.local.evm.relay.bundles import BundlePool, parse_bundle, parse_private
from hoploop.local.evm.relay.gateway import request_ids, split_messages
from hoploop.local.evm.relay.signature import signer_of
from hoploop.local.evm.relay.transactions import decode_transaction

ACCOUNT = Account.from_key(b"\x11" * 32)
_EIP1559 = {"type": 2, "maxFeePerGas": 30, "maxPriorityFeePerGas": 7}
_KINDS: tuple[dict[str, Any], ...] = (_EIP1559, {"gasPrice": 9}, {"type": 1, "gasPrice": 9, "accessList": []})


def _raw(nonce: int = 3, **fields: Any) -> str:
    body = {"chainId": 31337, "nonce": nonce, "to": ACCOUNT.address, "value": 5, "gas": 21_000, "data": b"\x01"}
    return f"0x{ACCOUNT.sign_transaction(body | (fields or _EIP1559)).raw_transaction.hex()}"


def _header(body: bytes) -> str:
    text = encode_defunct(text="0x" + keccak(body).hex())
    return f"{ACCOUNT.address}:0x{ACCOUNT.sign_message(text).signature.hex()}"


@pytest.mark.parametrize("kind", _KINDS)
def test_every_common_transaction_type_is_read(kind: dict[str, Any]) -> None:
    found = decode_transaction(_raw(3, **kind))
    assert (found.sender, found.nonce) == (ACCOUNT.address.lower(), 3)
    assert found.call["input"] == "0x01"
    assert found.tip(base_fee=2) == 7


@pytest.mark.parametrize("raw", [None, 7, "", "0x", "0xzz", "0x03", "0x02c0", "0xc0", "0x" + "ff" * 300_000])
def test_what_is_no_transaction_is_a_value_error(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_transaction(raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_transaction_or_a_value_error(data: bytes) -> None:
    try:
        decode_transaction("0x" + data.hex())
    except ValueError:
        return
    raise AssertionError("random bytes passed as a signed transaction")


def test_the_signer_of_a_body_is_found() -> None:
    assert signer_of(_header(b"{}"), b"{}") == ACCOUNT.address


@pytest.mark.parametrize("header", ["", "x", ":", f"{ACCOUNT.address}:0x", f"{ACCOUNT.address}:zz", "a:" + "0" * 500])
def test_a_malformed_signature_is_nobodys(header: str) -> None:
    assert signer_of(header, b"{}") is None


def test_a_signature_of_another_body_or_address_is_nobodys() -> None:
    assert signer_of(_header(b"{}"), b"[]") is None
    assert signer_of("0x" + "00" * 20 + ":" + _header(b"{}").split(":")[1], b"{}") is None


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {"txs": [], "blockNumber": "0x1"},
        {"txs": [_raw()], "blockNumber": 1},
        {"txs": [_raw()] * 2, "blockNumber": "0x1"},
        {"txs": [_raw()], "blockNumber": "0x1", "revertingTxHashes": [1]},
    ],
)
def test_a_malformed_bundle_is_a_value_error(content: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_bundle(content)


def test_a_bundle_is_due_in_its_block_only_and_then_missed() -> None:
    pool = BundlePool()
    bundle = parse_bundle({"txs": [_raw()], "blockNumber": "0x5"})
    pool.add("a", bundle)
    assert pool.due(4) == []
    assert pool.due(5) == [bundle]
    assert pool.due(6) == []
    assert pool.outcome(bundle.hash).startswith("missed")


def test_a_private_transaction_is_due_until_its_last_block() -> None:
    pool = BundlePool()
    bundle = parse_private({"tx": _raw(), "maxBlockNumber": "0x5"}, 3)
    pool.add("a", bundle)
    assert [bool(pool.due(block)) for block in (3, 5, 6)] == [True, True, False]


def test_only_the_signer_cancels_a_bundle() -> None:
    pool = BundlePool()
    bundle = parse_bundle({"txs": [_raw()], "blockNumber": "0x5", "replacementUuid": "one"})
    pool.add("a", bundle)
    assert not pool.cancel("b", "one")
    assert pool.cancel("a", "one")
    assert pool.due(5) == []


def test_a_full_pool_refuses() -> None:
    pool = BundlePool()
    bundle = parse_bundle({"txs": [_raw()], "blockNumber": "0x5"})
    for number in range(1_000):
        pool.add(str(number), bundle)
    with pytest.raises(ValueError, match="too many"):
        pool.add("one more", bundle)


def test_messages_split_at_newlines_and_at_whole_texts() -> None:
    assert split_messages(b'{"id":1}\n{"id"') == ([b'{"id":1}\n'], b'{"id"')
    assert split_messages(b'{"id":2}') == ([b'{"id":2}'], b"")
    assert split_messages(b'{"a":{}') == ([], b'{"a":{}')


def test_ids_of_single_and_batch_messages_are_found() -> None:
    assert request_ids(b'[{"id":1},{"id":"x"},{"id":{}},3]') == [1, "x"]
    assert request_ids(b'{"id":1}') == [1]
    assert request_ids(b"garbage") == []
