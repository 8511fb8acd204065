"""Seeded trades that open spreads between the default pools: real transactions of a wallet of its own."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence
from math import isqrt

import msgspec
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.local.solana import layouts, txdecode
from hoploop.local.solana.bank import Bank, Refused
from hoploop.local.solana.names import PoolSpec
from hoploop.local.solana.records import Executed
from hoploop.local.solana.txdecode import Decoded

TRADES_PER_SECOND = 4
MOST_PER_SLOT_PERCENT = 80
"""A slot of the default length has a trade in four of five cases, so a bot also meets quiet slots."""
MIN_SPREAD_BPS, MAX_SPREAD_BPS = 40, 200
_BPS = 10_000
_REFERENCE_BITS = 64


class _Pool(msgspec.Struct, frozen=True):
    """A pool with its keys parsed, and the ratio reserve_b / reserve_a (64 fractional bits) it returns to."""

    address: Pubkey
    authority: Pubkey
    vaults: tuple[Pubkey, Pubkey]
    wallets: tuple[Pubkey, Pubkey]
    fee_num: int
    fee_den: int
    reference: int


class Traffic:
    """Each trade moves one pool to its reference price times (1 ± spread); the next choice of that pool moves it back.

    Which pool and how far depends on the seed alone; the amounts depend on where others left the pool. Prices are
    tied to the reference, so nothing runs away however long it runs.
    """

    def __init__(
        self, bank: Bank, pools: Sequence[PoolSpec], program: Pubkey, wallet: Keypair, *, seed: int, slot_ms: int
    ) -> None:
        self._bank = bank
        self._program = program
        self._wallet = wallet
        self._random = random.Random(seed)
        self._pools = [_parse(pool, wallet.pubkey()) for pool in pools]
        self._per_slot_percent = _per_slot_percent(slot_ms)

    def on_slot(self) -> list[Executed]:
        """The trades of the slot that has just begun."""
        whole, rest = divmod(self._per_slot_percent, 100)
        count = whole + (self._random.randrange(100) < rest)
        trades = (self._trade() for _ in range(count))
        return [trade for trade in trades if trade is not None]

    def _trade(self) -> Executed | None:
        pool = self._random.choice(self._pools)
        spread = self._random.randint(MIN_SPREAD_BPS, MAX_SPREAD_BPS) * self._random.choice((-1, 1))
        account = self._bank.account(pool.address)
        if account is None:
            return None
        reserve_a, reserve_b, _ = layouts.POOL.unpack(bytes(account.data))[-3:]
        target = pool.reference * (_BPS + spread) // _BPS
        a_to_b, amount = towards(reserve_a, reserve_b, target, pool.fee_num, pool.fee_den)
        if amount == 0:
            return None
        try:
            return self._bank.execute(self._signed(pool, a_to_b, amount))
        except Refused:
            return None  # out of funds: the market simply goes quiet

    def _signed(self, pool: _Pool, a_to_b: bool, amount: int) -> Decoded:
        side = 0 if a_to_b else 1
        instruction = Instruction(
            self._program,
            struct.pack("<BQQ", 1, amount, 1),
            [
                AccountMeta(pool.address, False, True),
                AccountMeta(pool.authority, False, False),
                AccountMeta(pool.vaults[side], False, True),
                AccountMeta(pool.vaults[1 - side], False, True),
                AccountMeta(pool.wallets[side], False, True),
                AccountMeta(pool.wallets[1 - side], False, True),
                AccountMeta(self._wallet.pubkey(), True, True),
                AccountMeta(layouts.TOKEN, False, False),
            ],
        )
        blockhash = Hash.from_string(self._bank.ticks.latest)
        message = MessageV0.try_compile(self._wallet.pubkey(), [instruction], [], blockhash)
        return txdecode.decode(bytes(VersionedTransaction(message, [self._wallet])))


def towards(reserve_a: int, reserve_b: int, target: int, fee_num: int, fee_den: int) -> tuple[bool, int]:
    """(a to b?, input) that moves b/a to `target` (64 fractional bits) along a*b = const, the fee added on top."""
    product = reserve_a * reserve_b
    wanted_a = isqrt((product << _REFERENCE_BITS) // target)
    if wanted_a > reserve_a:
        return True, (wanted_a - reserve_a) * fee_den // (fee_den - fee_num)
    wanted_b = isqrt((product * target) >> _REFERENCE_BITS)
    return False, max(wanted_b - reserve_b, 0) * fee_den // (fee_den - fee_num)


def _per_slot_percent(slot_ms: int) -> int:
    """Trades per hundred slots."""
    wanted = TRADES_PER_SECOND * slot_ms // 10
    return min(wanted, MOST_PER_SLOT_PERCENT) if slot_ms <= 250 else wanted


def _parse(pool: PoolSpec, owner: Pubkey) -> _Pool:
    mints = [Pubkey.from_string(key) for key in (pool.mint_a, pool.mint_b)]
    return _Pool(
        address=Pubkey.from_string(pool.address),
        authority=Pubkey.from_string(pool.authority),
        vaults=(Pubkey.from_string(pool.vault_a), Pubkey.from_string(pool.vault_b)),
        wallets=(layouts.ata(owner, mints[0]), layouts.ata(owner, mints[1])),
        fee_num=pool.fee_num,
        fee_den=pool.fee_den,
        reference=(pool.reserve_b << _REFERENCE_BITS) // pool.reserve_a,
    )
