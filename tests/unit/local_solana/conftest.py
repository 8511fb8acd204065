"""A local Solana chain without sockets, and hands to trade, borrow and attack with."""

from __future__ import annotations

import base64
import importlib.util
import struct
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from solders.account import Account
from solders.address_lookup_table_account import AddressLookupTableAccount
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.local.solana import layouts, names, txdecode, wire
from hoploop.local.solana.bank import Bank
from hoploop.local.solana.names import PoolSpec, ReserveSpec
from hoploop.local.solana.node import Node, Settings
from hoploop.local.solana.records import Executed
from hoploop.local.solana.txdecode import Decoded

ROOT = Path(__file__).resolve().parents[3]
START_UNIX_S = 1_790_000_000


def b64(decoded: Decoded) -> str:
    return base64.b64encode(decoded.raw).decode()


def meta(key: Pubkey, flags: str = "") -> AccountMeta:
    return AccountMeta(key, "s" in flags, "w" in flags)


class Chain:
    """Node plus shorthands; everything is signed by the executor unless said otherwise."""

    def __init__(self, **settings: object) -> None:
        self.node = Node(Settings(**{"traffic": False, **settings}), start_unix_s=START_UNIX_S)
        self.me = names.keypair("executor")
        self.spec = names.default_spec()
        self.amm = names.address("program/amm")
        self.lend = names.address("program/lend")

    @property
    def bank(self) -> Bank:
        return self.node.bank

    def pool(self, name: str = "sol_usdc_30") -> PoolSpec:
        return next(pool for pool in self.spec.pools if pool.name == name)

    def reserve(self, name: str = "lend_sol") -> ReserveSpec:
        return next(reserve for reserve in self.spec.reserves if reserve.name == name)

    def wallet(self, mint: str) -> Pubkey:
        return layouts.ata(self.me.pubkey(), Pubkey.from_string(mint))

    def swap(self, pool: PoolSpec, a_to_b: bool, amount: int, min_out: int = 1, /, **other: Pubkey) -> Instruction:
        """A swap; `other` replaces accounts by name, `data` and `accounts` by building on the result."""
        sides = [(pool.vault_a, pool.mint_a), (pool.vault_b, pool.mint_b)]
        (vault_in, mint_in), (vault_out, mint_out) = sides if a_to_b else sides[::-1]
        keys = {
            "pool": Pubkey.from_string(pool.address),
            "authority": Pubkey.from_string(pool.authority),
            "vault_in": Pubkey.from_string(vault_in),
            "vault_out": Pubkey.from_string(vault_out),
            "user_in": self.wallet(mint_in),
            "user_out": self.wallet(mint_out),
            "user": self.me.pubkey(),
            "token_program": layouts.TOKEN,
        } | other
        flags = ("w", "", "w", "w", "w", "w", "s", "")
        metas = [meta(key, flag) for key, flag in zip(keys.values(), flags, strict=True)]
        return Instruction(self.amm, struct.pack("<BQQ", 1, amount, min_out), metas)

    def borrow(self, reserve: ReserveSpec, amount: int, /, **other: Pubkey) -> Instruction:
        keys = {
            "reserve": Pubkey.from_string(reserve.address),
            "authority": Pubkey.from_string(reserve.authority),
            "vault": Pubkey.from_string(reserve.vault),
            "destination": self.wallet(reserve.mint),
            "sysvar": layouts.INSTRUCTIONS_SYSVAR,
            "token_program": layouts.TOKEN,
        } | other
        metas = [meta(key, flag) for key, flag in zip(keys.values(), ("w", "", "w", "w", "", ""), strict=True)]
        return Instruction(self.lend, struct.pack("<BQ", 1, amount), metas)

    def repay(self, reserve: ReserveSpec, amount: int, index: int, /, **other: Pubkey) -> Instruction:
        keys = {
            "reserve": Pubkey.from_string(reserve.address),
            "vault": Pubkey.from_string(reserve.vault),
            "source": self.wallet(reserve.mint),
            "payer": self.me.pubkey(),
            "sysvar": layouts.INSTRUCTIONS_SYSVAR,
            "token_program": layouts.TOKEN,
        } | other
        metas = [meta(key, flag) for key, flag in zip(keys.values(), ("w", "w", "w", "s", "", ""), strict=True)]
        return Instruction(self.lend, struct.pack("<BQB", 2, amount, index), metas)

    def table(self) -> AddressLookupTableAccount:
        table = self.spec.lookup_table
        return AddressLookupTableAccount(
            Pubkey.from_string(table.address), [Pubkey.from_string(key) for key in table.addresses]
        )

    def signed(
        self,
        *ixs: Instruction,
        blockhash: str | None = None,
        tables: tuple[AddressLookupTableAccount, ...] = (),
        payer: Keypair | None = None,
        signers: tuple[Keypair, ...] = (),
    ) -> Decoded:
        payer = payer or self.me
        recent = Hash.from_string(blockhash or self.bank.ticks.latest)
        message = MessageV0.try_compile(payer.pubkey(), list(ixs), list(tables), recent)
        return txdecode.decode(bytes(VersionedTransaction(message, [payer, *signers])))

    def run(self, *ixs: Instruction, **how: object) -> Executed:
        """Execute in a slot of its own, so that equal instructions make different transactions."""
        self.bank.tick()
        return self.bank.execute(self.signed(*ixs, **how))

    def custom(self, *ixs: Instruction, **how: object) -> int | None:
        """The program's error number when the transaction fails with one; None when it succeeds."""
        error = self.run(*ixs, **how).error
        if error is None:
            return None
        assert isinstance(error, dict), error
        cause = error["InstructionError"][1]
        assert isinstance(cause, dict), error
        return int(cause["Custom"])

    def reply(self, method: str, *params: object) -> dict[str, Any]:
        """The whole JSON-RPC reply."""
        reply = wire.answer_one(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}, self.node.handlers
        )
        assert reply is not None
        return reply

    def call(self, method: str, *params: object) -> Any:
        """The result of a call that must succeed."""
        reply = self.reply(method, *params)
        assert "error" not in reply, reply
        return reply["result"]

    def engine(self, method: str, *params: object) -> dict[str, Any]:
        """The whole reply of the block engine."""
        reply = wire.answer_one(
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}, self.node.engine.handlers()
        )
        assert reply is not None
        return reply

    def tokens(self, key: Pubkey | str) -> int:
        account = self.bank.account(Pubkey.from_string(key) if isinstance(key, str) else key)
        assert account is not None
        token = layouts.read_token(bytes(account.data))
        assert token is not None
        return token.amount

    def reserves(self, pool: PoolSpec) -> tuple[int, int, int]:
        """(reserve_a, reserve_b, swaps)."""
        account = self.bank.account(Pubkey.from_string(pool.address))
        assert account is not None
        reserve_a, reserve_b, swaps = layouts.POOL.unpack(bytes(account.data))[-3:]
        return reserve_a, reserve_b, swaps

    def put(self, key: Pubkey, data: bytes, owner: Pubkey, lamports: int = 10**9) -> Pubkey:
        self.bank._svm.set_account(key, Account(lamports, data, owner, False, 0))
        return key

    def patch(self, key: str, offset: int, value: bytes) -> None:
        """Overwrite some bytes of an account."""
        address = Pubkey.from_string(key)
        account = self.bank.account(address)
        assert account is not None
        data = bytearray(account.data)
        data[offset : offset + len(value)] = value
        self.put(address, bytes(data), account.owner, account.lamports)


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture(scope="session")
def solana_build() -> ModuleType:
    """contracts/solana/build.py as a module."""
    spec = importlib.util.spec_from_file_location("solana_build", ROOT / "contracts" / "solana" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def make_chain() -> type[Chain]:
    """For tests that need other settings, or one chain for many examples."""
    return Chain


@pytest.fixture(scope="session")
def as_text() -> Callable[[Decoded], str]:
    """Base64 of a transaction, as it is sent."""
    return b64
