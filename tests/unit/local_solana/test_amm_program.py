"""The local AMM pays exactly by its formula and refuses every way to be paid more."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.local.solana import layouts

INSTRUCTION, STATE, VAULT, AUTHORITY, SIGNER, MIN_OUT, TOKEN_PROGRAM, OVERFLOW = 1, 2, 3, 4, 5, 6, 7, 8
ALIASED, LIQUIDITY, ZERO = 9, 10, 12
SOL = 10**9


def expected_out(amount: int, reserve_in: int, reserve_out: int, num: int, den: int) -> int:
    net = amount - -(-amount * num // den)
    return reserve_out * net // (reserve_in + net)


@given(trades=st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(1, 10**6)), min_size=1, max_size=8))
def test_swaps_pay_exactly_what_the_integer_formula_says(make_chain, trades):
    chain = make_chain()
    for number, a_to_b, millionths in trades:
        pool = chain.spec.pools[number]
        source, target = chain.wallet(pool.mint_a), chain.wallet(pool.mint_b)
        source, target = (source, target) if a_to_b else (target, source)
        amount, got, before = chain.tokens(source) * millionths // 10**6, chain.tokens(target), chain.reserves(pool)
        reserve_in, reserve_out = before[:2] if a_to_b else before[1::-1]
        out = expected_out(amount, reserve_in, reserve_out, pool.fee_num, pool.fee_den)

        result = chain.custom(chain.swap(pool, a_to_b, amount, out))

        paid = (amount, out) if out else (0, 0)
        assert result == (None if out else ZERO)
        assert chain.tokens(target) - got == paid[1]
        moved = (paid[0], -paid[1]) if a_to_b else (-paid[1], paid[0])
        assert chain.reserves(pool) == (before[0] + moved[0], before[1] + moved[1], before[2] + (out > 0))


@pytest.fixture(scope="module")
def patched(request):
    """One chain for all examples: each overwrites every account it depends on."""
    return request.getfixturevalue("make_chain")()


@given(
    reserve_in=st.integers(1, 2**64 - 1),
    reserve_out=st.integers(1, 2**64 - 1),
    amount=st.integers(1, 2**64 - 1),
    fee=st.tuples(st.integers(0, 2**32 - 2), st.integers(1, 2**32 - 1)).filter(lambda f: f[0] < f[1]),
)
def test_extreme_reserves_never_pay_more_than_the_formula(patched, reserve_in, reserve_out, amount, fee):
    pool = patched.pool("jup_usdc_20")
    patched.patch(pool.address, 8, struct.pack("<II", *fee))
    patched.patch(pool.address, 152, struct.pack("<QQ", reserve_in, reserve_out))
    patched.patch(pool.vault_a, 64, bytes(8))
    patched.patch(pool.vault_b, 64, struct.pack("<Q", reserve_out))
    patched.patch(str(patched.wallet(pool.mint_a)), 64, struct.pack("<Q", amount))
    patched.patch(str(patched.wallet(pool.mint_b)), 64, bytes(8))
    out = expected_out(amount, reserve_in, reserve_out, *fee)

    result = patched.custom(patched.swap(pool, True, amount, 1))

    if reserve_in + amount >= 2**64:
        assert result == OVERFLOW
    elif out == 0:
        assert result == ZERO
    else:
        assert result is None
        assert patched.tokens(patched.wallet(pool.mint_b)) == out


def test_one_unit_below_the_minimum_is_refused(chain):
    pool = chain.pool()
    out = expected_out(SOL, pool.reserve_a, pool.reserve_b, pool.fee_num, pool.fee_den)
    assert chain.custom(chain.swap(pool, True, SOL, out + 1)) == MIN_OUT


def test_a_refused_swap_leaves_reserves_untouched(chain):
    before = chain.reserves(chain.pool())
    chain.run(chain.swap(chain.pool(), True, SOL, 2**64 - 1))
    assert chain.reserves(chain.pool()) == before


ATTACKS: dict[str, tuple[int, Callable]] = {
    "a pool forged by the attacker under another owner": (STATE, lambda c, p: _forged_pool(c, p)),
    "another account type of the program as pool": (STATE, lambda c, p: _wrong_magic(c, p)),
    "a truncated pool": (STATE, lambda c, p: _truncated(c, p)),
    "a pool passed read-only": (STATE, lambda c, p: _flag(c.swap(p, True, SOL), 0, writable=False)),
    "a pool whose fee is all of the input": (STATE, lambda c, p: _fee(c, p, 10_000, 10_000)),
    "a pool without fee denominator": (STATE, lambda c, p: _fee(c, p, 0, 0)),
    "the attacker's account as input vault": (
        VAULT,
        lambda c, p: c.swap(p, True, SOL, vault_in=c.wallet(c.spec.mints[2].address)),
    ),
    "the same vault on both sides": (
        VAULT,
        lambda c, p: c.swap(p, True, SOL, vault_out=Pubkey.from_string(p.vault_a)),
    ),
    "the vault of another pool": (
        VAULT,
        lambda c, p: c.swap(p, True, SOL, vault_out=Pubkey.from_string(c.pool("sol_usdc_5").vault_b)),
    ),
    "a pool that names one vault twice": (VAULT, lambda c, p: _one_vault(c, p)),
    "another pool's authority": (
        AUTHORITY,
        lambda c, p: c.swap(p, True, SOL, authority=Pubkey.from_string(c.pool("sol_usdc_5").authority)),
    ),
    "a fake token program": (TOKEN_PROGRAM, lambda c, p: c.swap(p, True, SOL, token_program=c.lend)),
    "somebody else's tokens without a signature": (
        SIGNER,
        lambda c, p: _flag(c.swap(p, True, SOL, user=Keypair().pubkey()), 6, signer=False),
    ),
    "the same account on both user sides": (
        ALIASED,
        lambda c, p: c.swap(p, True, SOL, user_out=c.wallet(p.mint_a)),
    ),
    "the output vault as the user's input": (
        ALIASED,
        lambda c, p: c.swap(p, True, SOL, user_in=Pubkey.from_string(p.vault_b)),
    ),
    "the input vault as the user's output": (
        ALIASED,
        lambda c, p: c.swap(p, True, SOL, user_out=Pubkey.from_string(p.vault_a)),
    ),
    "an amount of zero": (ZERO, lambda c, p: c.swap(p, True, 0)),
    "dust that buys nothing": (ZERO, lambda c, p: c.swap(p, True, 1)),
    "an input that overflows the reserve": (OVERFLOW, lambda c, p: c.swap(p, True, 2**64 - 1)),
    "an empty pool": (LIQUIDITY, lambda c, p: _empty(c, p)),
    "an unknown instruction": (INSTRUCTION, lambda c, p: _data(c, p, struct.pack("<BQQ", 2, SOL, 1))),
    "a truncated instruction": (INSTRUCTION, lambda c, p: _data(c, p, struct.pack("<BQ", 1, SOL))),
    "an instruction with a tail": (INSTRUCTION, lambda c, p: _data(c, p, struct.pack("<BQQB", 1, SOL, 1, 0))),
    "no data at all": (INSTRUCTION, lambda c, p: _data(c, p, b"")),
    "a missing account": (INSTRUCTION, lambda c, p: _count(c, p, 7)),
    "one account too many": (INSTRUCTION, lambda c, p: _count(c, p, 9)),
    "no accounts": (INSTRUCTION, lambda c, p: _count(c, p, 0)),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses(chain, attack):
    code, build = ATTACKS[attack]
    pool = chain.pool()
    assert chain.custom(build(chain, pool)) == code


def test_sends_out_only_what_the_vault_holds_even_if_the_reserve_says_more(chain):
    pool = chain.pool()
    chain.patch(pool.vault_b, 64, struct.pack("<Q", 1))
    result = chain.run(chain.swap(pool, True, SOL))
    assert result.error == {"InstructionError": [0, {"Custom": 1}]}
    assert chain.reserves(pool) == (pool.reserve_a, pool.reserve_b, 0)


def test_a_donation_to_the_vault_does_not_move_the_price(chain):
    pool = chain.pool()
    chain.patch(pool.vault_b, 64, struct.pack("<Q", 2 * pool.reserve_b))
    chain.run(chain.swap(pool, True, SOL))
    out = expected_out(SOL, pool.reserve_a, pool.reserve_b, pool.fee_num, pool.fee_den)
    assert chain.tokens(chain.wallet(pool.mint_b)) == out


def test_needs_less_than_seven_thousand_compute_units(chain):
    assert chain.run(chain.swap(chain.pool(), True, 5 * SOL)).units < 7_000


def _forged_pool(chain, pool):
    account = chain.bank.account(Pubkey.from_string(pool.address))
    fake = chain.put(Keypair().pubkey(), bytes(account.data), layouts.SYSTEM)
    return chain.swap(pool, True, SOL, pool=fake)


def _wrong_magic(chain, pool):
    chain.patch(pool.address, 0, b"HOPLEND1")
    return chain.swap(pool, True, SOL)


def _truncated(chain, pool):
    account = chain.bank.account(Pubkey.from_string(pool.address))
    chain.put(Pubkey.from_string(pool.address), bytes(account.data)[:175], chain.amm)
    return chain.swap(pool, True, SOL)


def _fee(chain, pool, num, den):
    chain.patch(pool.address, 8, struct.pack("<II", num, den))
    return chain.swap(pool, True, SOL)


def _one_vault(chain, pool):
    chain.patch(pool.address, 120, bytes(Pubkey.from_string(pool.vault_a)))
    return chain.swap(pool, True, SOL, vault_out=Pubkey.from_string(pool.vault_a))


def _empty(chain, pool):
    chain.patch(pool.address, 152, bytes(16))
    return chain.swap(pool, True, SOL)


def _data(chain, pool, data):
    swap = chain.swap(pool, True, SOL)
    return Instruction(swap.program_id, data, swap.accounts)


def _count(chain, pool, count):
    swap = chain.swap(pool, True, SOL)
    return Instruction(swap.program_id, bytes(swap.data), (list(swap.accounts) * 2)[:count])


def _flag(instruction, index, *, writable=True, signer=True):
    accounts = list(instruction.accounts)
    old = accounts[index]
    accounts[index] = AccountMeta(old.pubkey, old.is_signer and signer, old.is_writable and writable)
    return Instruction(instruction.program_id, bytes(instruction.data), accounts)
