"""Native keys sign what the wallets' own libraries sign, refuse the rest, and show nothing of themselves."""

from __future__ import annotations

import copy
import pickle

import pytest
from coincurve import PrivateKey
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st
from signing_kit import solana_message, unsigned_1559
from solders.keypair import Keypair
from solders.message import from_bytes_versioned
from solders.transaction import VersionedTransaction

from hoploop.hot import EvmSigner, HotError, SolanaSigner

SEED = bytes(range(1, 33))
SEEDS = st.binary(min_size=32, max_size=32)
SCALARS = st.integers(1, 2**256 - 2**130).map(lambda number: number.to_bytes(32, "big"))


@given(SEEDS, st.lists(st.binary(max_size=40), max_size=4))
def test_a_solana_transaction_is_what_solders_signs(seed: bytes, data: list[bytes]) -> None:
    pair = Keypair.from_seed(seed)
    message = solana_message(pair.pubkey(), data)
    signature, wire = SolanaSigner(seed).sign(message)
    assert signature == bytes(pair.sign_message(message))
    assert wire == bytes(VersionedTransaction(from_bytes_versioned(message), [pair]))


@given(SEEDS)
def test_a_seed_and_its_pair_are_one_address(seed: bytes) -> None:
    pair = Keypair.from_seed(seed)
    assert SolanaSigner(seed).public == SolanaSigner(bytes(pair)).public == bytes(pair.pubkey())


@given(
    SCALARS, st.integers(0, 2**64 - 1), st.integers(0, 2**100), st.integers(21_000, 2**25), st.binary(max_size=300)
)
def test_an_evm_transaction_is_what_eth_account_signs(
    secret: bytes, nonce: int, price: int, gas: int, data: bytes
) -> None:
    fields = {"chainId": 31337, "nonce": nonce, "maxPriorityFeePerGas": price, "maxFeePerGas": price, "gas": gas}
    wanted = Account.sign_transaction(fields | {"type": 2, "to": "0x" + "06" * 20, "value": 0, "data": data}, secret)
    made = EvmSigner(secret).sign(unsigned_1559(31337, nonce, price, price, gas, b"\x06" * 20, data))
    assert made == (bytes(wanted.hash), bytes(wanted.raw_transaction))


@given(SCALARS)
def test_an_address_is_what_eth_account_derives(secret: bytes) -> None:
    assert EvmSigner(secret).public == bytes.fromhex(Account.from_key(secret).address[2:])


def test_a_scalar_is_taken_exactly_when_coincurve_takes_it() -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    for number, good in ((0, False), (1, True), (order - 1, True), (order, False), (2**256 - 1, False)):
        secret = number.to_bytes(32, "big")
        for make in (EvmSigner, PrivateKey):
            if good:
                make(secret)
            else:
                with pytest.raises(ValueError, match=r"."):
                    make(secret)


@pytest.mark.parametrize("secret", [b"", SEED[:31], SEED + b"\0", SEED * 2, SEED * 3])
def test_bytes_of_a_wrong_length_or_halves_that_do_not_match_are_no_key(secret: bytes) -> None:
    for make in (EvmSigner, SolanaSigner):
        with pytest.raises(HotError) as caught:
            make(secret)
        assert SEED.hex()[:16] not in str(caught.value)


def test_only_a_transaction_of_its_own_is_signed() -> None:
    signer = SolanaSigner(SEED)
    message = solana_message(Keypair.from_seed(SEED).pubkey(), [b"x"])
    other = solana_message(Keypair.from_seed(bytes(32)).pubkey(), [b"x"])
    for unsigned in (b"", b"text to sign", message[:-1], message + b"\0", message[1:], other, bytes(1300)):
        with pytest.raises(HotError):
            signer.sign(unsigned)
    for unsigned in (b"", b"\x02", b"\x19Ethereum Signed Message:\n1x", message):
        with pytest.raises(HotError):
            EvmSigner(SEED).sign(unsigned)


@pytest.mark.parametrize("make", [EvmSigner, SolanaSigner])
def test_a_key_shows_its_address_alone_and_cannot_be_copied(make: type[EvmSigner] | type[SolanaSigner]) -> None:
    signer = make(SEED)
    shown = repr(signer) + str(signer) + f"{signer}" + " ".join(dir(signer))
    assert SEED.hex() not in shown
    assert signer.public.hex() in shown
    public = [name for name in dir(signer) if not name.startswith("_")]
    assert public == ["locked", "public", "sign"]
    for take in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            take(signer)


@pytest.mark.parametrize("make", [EvmSigner, SolanaSigner])
def test_a_key_says_whether_it_is_kept_out_of_swap(make: type[EvmSigner] | type[SolanaSigner]) -> None:
    assert make(SEED).locked in (True, False)
