"""A filled template is, byte for byte, what the libraries build from the same values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signing_kit import solana_message, unsigned_1559
from solders.keypair import Keypair

from hoploop.hot import EvmSigner, EvmTemplate, HotError, SolanaSigner, SolanaTemplate

SEED = bytes(range(1, 33))
OWNER = Keypair.from_seed(SEED).pubkey()
TO = b"\x06" * 20
WORD = st.binary(min_size=32, max_size=32)
NUMBERS = ((2, 0, 0), (3, 0, 0), (4, 0, 0), (6, 0, 0))


def _number(value: int) -> bytes:
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


@given(st.lists(st.tuples(st.binary(max_size=60), st.binary(max_size=60)), max_size=6), WORD)
def test_whole_instructions_and_the_blockhash_are_patched(pairs: list[tuple[bytes, bytes]], blockhash: bytes) -> None:
    before = [first for first, _ in pairs]
    after = [(second + bytes(60))[: len(first)] for first, second in pairs]
    template = SolanaTemplate(solana_message(OWNER, before), [(n, 0, len(part)) for n, part in enumerate(before)])
    wanted = solana_message(OWNER, after, blockhash)
    signer = SolanaSigner(SEED)
    assert template.fill(blockhash, after) == wanted
    assert template.sign(signer, blockhash, after) == signer.sign(wanted)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=17, max_size=40))
def test_amounts_inside_an_instruction_are_patched(amount: int, least: int, data: bytes) -> None:
    template = SolanaTemplate(solana_message(OWNER, [b"a", data]), [(1, 1, 8), (1, 9, 8)])
    amounts = [amount.to_bytes(8, "little"), least.to_bytes(8, "little")]
    filled = data[:1] + b"".join(amounts) + data[17:]
    assert template.fill(b"\x09" * 32, amounts) == solana_message(OWNER, [b"a", filled])


@given(
    st.integers(0, 2**64 - 1), st.integers(0, 2**128), st.integers(0, 2**128), st.integers(0, 2**40),
    st.integers(0, 2**96), WORD, st.integers(0, 300),
)  # fmt: skip
def test_fees_gas_value_nonce_and_words_are_patched(
    nonce: int, tip: int, fee: int, gas: int, value: int, word: bytes, size: int
) -> None:
    data = bytes(range(256)) + bytes(size)
    template = EvmTemplate(unsigned_1559(1, 0, 1, 1, 1, TO, data), [*NUMBERS, (7, 4, 32)])
    parts = [*map(_number, (tip, fee, gas, value)), word]
    wanted = unsigned_1559(1, nonce, tip, fee, gas, TO, data[:4] + word + data[36:], value)
    signer = EvmSigner(SEED)
    assert template.fill(_number(nonce), parts) == wanted
    assert template.sign(signer, _number(nonce), parts) == signer.sign(wanted)


def test_a_value_may_have_leading_zeros_where_a_number_is_meant() -> None:
    template = EvmTemplate(unsigned_1559(1, 0, 1, 1, 1, TO, b""), [(4, 0, 0)])
    assert template.fill(bytes(30) + b"\x05", [bytes(32)]) == unsigned_1559(1, 5, 1, 1, 0, TO, b"")


@pytest.mark.parametrize("slot", [(0, 0, 4), (0, 3, 1), (1, 0, 1), (0, 2**63, 2**63), (0, 0, 2**64 - 1)])
def test_a_solana_slot_outside_its_instruction_is_refused(slot: tuple[int, int, int]) -> None:
    with pytest.raises(HotError):
        SolanaTemplate(solana_message(OWNER, [b"abc"]), [slot])


@pytest.mark.parametrize("slot", [(0, 0, 0), (1, 0, 0), (5, 0, 20), (8, 0, 0), (2, 0, 1), (7, 30, 8), (7, 0, 0)])
def test_an_evm_slot_that_cannot_change_is_refused(slot: tuple[int, int, int]) -> None:
    with pytest.raises(HotError):
        EvmTemplate(unsigned_1559(1, 0, 1, 1, 1, TO, bytes(32)), [slot])


def test_slots_that_share_a_byte_are_refused() -> None:
    with pytest.raises(HotError):
        SolanaTemplate(solana_message(OWNER, [b"abc"]), [(0, 0, 2), (0, 1, 2)])
    with pytest.raises(HotError):
        EvmTemplate(unsigned_1559(1, 0, 1, 1, 1, TO, bytes(64)), [(7, 0, 32), (7, 31, 32)])


@pytest.mark.parametrize(
    ("fresh", "parts"),
    [(bytes(31), [b"abc"]), (bytes(32), []), (bytes(32), [b"abc", b""]), (bytes(32), [b"ab"]), (bytes(32), [b"abcd"])],
)
def test_values_that_do_not_fit_are_refused_and_the_next_fill_is_whole(fresh: bytes, parts: list[bytes]) -> None:
    template = SolanaTemplate(solana_message(OWNER, [b"xyz"]), [(0, 0, 3)])
    with pytest.raises(HotError):
        template.fill(fresh, parts)
    assert template.fill(b"\x01" * 32, [b"new"]) == solana_message(OWNER, [b"new"], b"\x01" * 32)


def test_a_template_of_another_wallet_is_not_signed() -> None:
    template = SolanaTemplate(solana_message(Keypair.from_seed(bytes(32)).pubkey(), [b"x"]), [])
    with pytest.raises(HotError, match="payer"):
        template.sign(SolanaSigner(SEED), bytes(32), [])


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_refused(noise: bytes) -> None:
    for make in (SolanaTemplate, EvmTemplate):
        for unsigned in (noise, b"\x80" + noise, b"\x02" + noise):
            with pytest.raises(HotError):
                make(unsigned, [(0, 0, 1)])
