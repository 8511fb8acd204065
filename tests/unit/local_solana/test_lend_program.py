"""The local flash lender gets back what it lent plus its fee, in the same transaction, or nothing happens."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from hoploop.local.solana import layouts

INSTRUCTION, STATE, VAULT, AUTHORITY, SIGNER, TOKEN_PROGRAM, ALIASED, LIQUIDITY, ZERO = 1, 2, 3, 4, 5, 7, 9, 10, 12
NOT_TOP_LEVEL, SYSVAR, NO_REPAY, MISMATCH, IN_FLIGHT, NO_BORROW, DISABLED, REPAID = range(20, 28)
SOL = 10**9
FORWARD = Path(__file__).with_name("forward.c")


@given(
    amount=st.integers(1, 5 * SOL),
    fee=st.tuples(st.integers(0, 2**32 - 2), st.integers(1, 2**32 - 1)).filter(lambda f: f[0] < f[1]),
)
def test_a_loan_costs_exactly_the_fee_rounded_up(make_chain, amount, fee):
    chain = make_chain()
    reserve = chain.reserve()
    chain.patch(reserve.address, 8, struct.pack("<II", *fee))
    wallet = chain.wallet(reserve.mint)
    cost = -(-amount * fee[0] // fee[1])
    before = chain.tokens(wallet)

    result = chain.custom(chain.borrow(reserve, amount), chain.repay(reserve, amount, 0))

    assert result is None
    assert before - chain.tokens(wallet) == cost
    assert chain.tokens(reserve.vault) == reserve.liquidity + cost
    assert collected(chain, reserve) == cost


def test_the_money_is_there_between_borrow_and_repay(chain):
    reserve, pool = chain.reserve(), chain.pool()
    amount = 5_000 * SOL
    fee = -(-amount * reserve.fee_num // reserve.fee_den)
    out = pool.reserve_b * 4_985 * SOL // (pool.reserve_a + 4_985 * SOL)
    result = chain.run(
        chain.borrow(reserve, amount),
        chain.swap(pool, True, amount, out),
        chain.swap(pool, False, out, 4_900 * SOL),
        chain.repay(reserve, amount, 0),
    )
    assert result.error == {"InstructionError": [3, {"Custom": 1}]}  # a round trip loses fees: only the repay fails
    assert chain.tokens(reserve.vault) == reserve.liquidity
    assert fee > 0


def test_a_failed_repay_takes_the_loan_back(chain):
    reserve = chain.reserve()
    chain.patch(reserve.address, 8, struct.pack("<II", 9, 10))
    assert chain.custom(chain.borrow(reserve, 1_000 * SOL), chain.repay(reserve, 1_000 * SOL, 0)) == 1
    assert chain.tokens(reserve.vault) == reserve.liquidity
    assert collected(chain, reserve) == 0


def test_two_loans_of_one_reserve_may_follow_each_other(chain):
    reserve = chain.reserve()
    loans = [chain.borrow(reserve, SOL), chain.repay(reserve, SOL, 0)]
    again = [chain.borrow(reserve, 2 * SOL), chain.repay(reserve, 2 * SOL, 2)]
    assert chain.custom(*loans, *again) is None


def test_loans_of_two_reserves_may_overlap(chain):
    sol, usdc = chain.reserve("lend_sol"), chain.reserve("lend_usdc")
    chain.patch(usdc.address, 8, struct.pack("<II", 0, 1))
    assert (
        chain.custom(
            chain.borrow(sol, SOL), chain.borrow(usdc, 10**6), chain.repay(sol, SOL, 0), chain.repay(usdc, 10**6, 1)
        )
        is None
    )


ATTACKS: dict[str, tuple[int, Callable]] = {
    "a borrow without repay": (NO_REPAY, lambda c, r: [c.borrow(r, SOL)]),
    "a repay before the borrow": (NO_BORROW, lambda c, r: [c.repay(r, SOL, 1), c.borrow(r, SOL)]),
    "a repay of less": (MISMATCH, lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL - 1, 0)]),
    "a repay of more": (MISMATCH, lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL + 1, 0)]),
    "a repay that points elsewhere": (MISMATCH, lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 1)]),
    "one repay for two borrows": (
        IN_FLIGHT,
        lambda c, r: [c.borrow(r, SOL), c.borrow(r, SOL), c.repay(r, SOL, 0)],
    ),
    "nested borrows each with a repay": (
        IN_FLIGHT,
        lambda c, r: [c.borrow(r, SOL), c.borrow(r, SOL), c.repay(r, SOL, 1), c.repay(r, SOL, 0)],
    ),
    "a second repay of the same borrow": (
        REPAID,
        lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 0), c.repay(r, SOL, 0)],
    ),
    "a repay on its own": (NO_BORROW, lambda c, r: [c.repay(r, SOL, 0)]),
    "a repay that points past the end": (NO_BORROW, lambda c, r: [c.repay(r, SOL, 255)]),
    "a repay to the other reserve": (
        NO_REPAY,
        lambda c, r: [c.borrow(r, SOL), c.repay(c.reserve("lend_usdc"), SOL, 0)],
    ),
    "a repay by a program of the attacker": (
        NO_REPAY,
        lambda c, r: [c.borrow(r, SOL), other_program(c, c.repay(r, SOL, 0))],
    ),
    "a repay with a tail": (NO_REPAY, lambda c, r: [c.borrow(r, SOL), tail(c.repay(r, SOL, 0))]),
    "a repay without accounts": (NO_REPAY, lambda c, r: [c.borrow(r, SOL), bare(c.repay(r, SOL, 0))]),
    "a forged instructions sysvar": (SYSVAR, lambda c, r: [c.borrow(r, SOL, sysvar=forged_sysvar(c, r))]),
    "a forged sysvar in the repay": (
        SYSVAR,
        lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 0, sysvar=forged_sysvar(c, r))],
    ),
    "a fake token program": (TOKEN_PROGRAM, lambda c, r: [c.borrow(r, SOL, token_program=c.amm), c.repay(r, SOL, 0)]),
    "a fake token program in the repay": (
        TOKEN_PROGRAM,
        lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 0, token_program=c.amm)],
    ),
    "a repay into the attacker's vault": (
        VAULT,
        lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 0, vault=c.wallet(r.mint))],
    ),
    "the vault of another reserve": (
        VAULT,
        lambda c, r: [c.borrow(r, SOL, vault=Pubkey.from_string(c.reserve("lend_usdc").vault)), c.repay(r, SOL, 0)],
    ),
    "a repay from the vault itself": (
        ALIASED,
        lambda c, r: [c.borrow(r, SOL), c.repay(r, SOL, 0, source=Pubkey.from_string(r.vault))],
    ),
    "a borrow into the vault itself": (
        ALIASED,
        lambda c, r: [c.borrow(r, SOL, destination=Pubkey.from_string(r.vault)), c.repay(r, SOL, 0)],
    ),
    "another reserve's authority": (
        AUTHORITY,
        lambda c, r: [
            c.borrow(r, SOL, authority=Pubkey.from_string(c.reserve("lend_usdc").authority)),
            c.repay(r, SOL, 0),
        ],
    ),
    "a reserve forged under another owner": (STATE, lambda c, r: [c.borrow(r, SOL, reserve=forged_reserve(c, r))]),
    "a reserve of another kind": (STATE, lambda c, r: [patched(c, r, 0, b"HOPAMM01")]),
    "a reserve with a broken fee": (STATE, lambda c, r: [patched(c, r, 8, struct.pack("<II", 5, 5))]),
    "a disabled reserve": (DISABLED, lambda c, r: [patched(c, r, 17, b"\0")]),
    "a reserve enabled by a stray value": (DISABLED, lambda c, r: [patched(c, r, 17, b"\2")]),
    "a loan of nothing": (ZERO, lambda c, r: [c.borrow(r, 0), c.repay(r, 0, 0)]),
    "more than the vault holds": (
        LIQUIDITY,
        lambda c, r: [c.borrow(r, r.liquidity + 1), c.repay(r, r.liquidity + 1, 0)],
    ),
    "a repay signed by nobody": (
        SIGNER,
        lambda c, r: [c.borrow(r, SOL), unsigned(c.repay(r, SOL, 0, payer=Keypair().pubkey()))],
    ),
    "an unknown instruction": (INSTRUCTION, lambda c, r: [with_data(c.borrow(r, SOL), b"\3" + bytes(8))]),
    "a borrow with the length of a repay": (INSTRUCTION, lambda c, r: [with_data(c.borrow(r, SOL), b"\1" + bytes(9))]),
    "no data": (INSTRUCTION, lambda c, r: [with_data(c.borrow(r, SOL), b"")]),
    "a missing account": (INSTRUCTION, lambda c, r: [fewer(c.borrow(r, SOL))]),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_refuses(chain, attack):
    code, build = ATTACKS[attack]
    reserve = chain.reserve()
    assert chain.custom(*build(chain, reserve)) == code
    assert chain.tokens(reserve.vault) == reserve.liquidity


def test_refuses_a_borrow_by_cross_program_invocation(chain, forwarder):
    reserve = chain.reserve()
    assert chain.custom(forwarder(chain.borrow(reserve, SOL)), chain.repay(reserve, SOL, 0)) == NOT_TOP_LEVEL


def test_refuses_a_repay_by_cross_program_invocation(chain, forwarder):
    reserve = chain.reserve()
    hidden = forwarder(chain.repay(reserve, SOL, 0))
    assert chain.custom(chain.borrow(reserve, SOL), hidden, chain.repay(reserve, SOL, 0)) == NOT_TOP_LEVEL


@pytest.fixture
def forwarder(chain, solana_build):
    """Wraps an instruction into a call through another program."""
    program = Keypair().pubkey()
    chain.bank._svm.add_program(program, solana_build.compile_program(FORWARD))

    def wrap(instruction):
        accounts = [AccountMeta(instruction.program_id, False, False), *instruction.accounts]
        return Instruction(program, bytes(instruction.data), accounts)

    return wrap


def collected(chain, reserve):
    account = chain.bank.account(Pubkey.from_string(reserve.address))
    return layouts.RESERVE.unpack(bytes(account.data))[-1]


def patched(chain, reserve, offset, value):
    chain.patch(reserve.address, offset, value)
    return chain.borrow(reserve, SOL)


def forged_reserve(chain, reserve):
    account = chain.bank.account(Pubkey.from_string(reserve.address))
    return chain.put(Keypair().pubkey(), bytes(account.data), layouts.SYSTEM)


def forged_sysvar(chain, reserve):
    """An account that claims a matching repay follows."""
    repay = chain.repay(reserve, SOL, 0)
    listed = struct.pack("<H", 1) + b"\2" + bytes(Pubkey.from_string(reserve.address)) + bytes(chain.lend)
    listed += struct.pack("<H", 10) + bytes(repay.data)
    image = struct.pack("<HHH", 2, 6, 6) + listed + struct.pack("<H", 0)
    return chain.put(Keypair().pubkey(), image, layouts.SYSTEM)


def other_program(chain, instruction):
    return Instruction(chain.amm, bytes(instruction.data), list(instruction.accounts))


def with_data(instruction, data):
    return Instruction(instruction.program_id, data, list(instruction.accounts))


def tail(instruction):
    return with_data(instruction, bytes(instruction.data) + b"\0")


def bare(instruction):
    return Instruction(instruction.program_id, bytes(instruction.data), [])


def fewer(instruction):
    return Instruction(instruction.program_id, bytes(instruction.data), list(instruction.accounts)[:-1])


def unsigned(instruction):
    accounts = [AccountMeta(a.pubkey, False, a.is_writable) for a in instruction.accounts]
    return Instruction(instruction.program_id, bytes(instruction.data), accounts)
