"""Keys, RLP and the two signatures, against independent implementations and published vectors."""

from __future__ import annotations

import pytest
import rlp as reference
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import SignerUnavailable
from hoploop_evm._shared.keys import Key, rlp

SECRET = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
ITEMS = st.recursive(
    st.binary(max_size=80) | st.integers(min_value=0, max_value=2**256 - 1), lambda inner: st.lists(inner, max_size=9)
)


@given(ITEMS)
def test_rlp_is_what_the_reference_writes(item: object) -> None:
    assert rlp(item) == reference.encode(item)  # type: ignore[arg-type]


def test_the_address_is_the_keys() -> None:
    assert Key(SECRET, "x").address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def test_a_text_is_signed_as_wallets_do() -> None:
    signed = Account.sign_message(encode_defunct(text="0xabc"), SECRET).signature
    assert Key(SECRET, "x").sign_text("0xabc") == "0x" + bytes(signed).hex()


@pytest.mark.parametrize("secret", [bytes(32), b"\xff" * 32, b"", b"\x01" * 33])
def test_bytes_that_are_no_key_are_refused_without_showing_them(secret: bytes) -> None:
    with pytest.raises(SignerUnavailable) as caught:
        Key(secret, "env/KEY")
    assert "env/KEY" in str(caught.value)
    assert "ffff" not in str(caught.value)


def test_a_key_does_not_show_itself() -> None:
    key = Key(SECRET, "x")
    assert "ac0974" not in repr(key)
    assert "ac0974" not in str(vars(key)).lower()
