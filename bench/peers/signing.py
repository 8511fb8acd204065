"""Signing as wallets' libraries do it, and natively from Python: one JSON line a measurement, least and median ns.

`python bench/peers/signing.py` in the project's own environment; signed bytes are asserted to be identical.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import rlp
from eth_account import Account
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0, to_bytes_versioned
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from hoploop.hot import EvmSigner, EvmTemplate, SolanaSigner, SolanaTemplate

SEED = bytes(range(1, 33))
CALLS = 400


def _report(name: str, call: Callable[[], object]) -> None:
    call()
    took = []
    for _ in range(CALLS):
        start = time.perf_counter_ns()
        call()
        took.append(time.perf_counter_ns() - start)
    took.sort()
    print(json.dumps({"name": name, "min": took[0], "median": took[CALLS // 2], "p99": took[CALLS * 99 // 100]}))


def _solana() -> None:
    pair, signer = Keypair.from_seed(SEED), SolanaSigner(SEED)
    keys = [Pubkey(bytes((number,)) * 32) for number in range(2, 26)]
    data = [b"\x01" + number.to_bytes(16, "little") for number in range(5)]
    blockhash = Hash(b"\x09" * 32)

    def build() -> MessageV0:
        metas = [AccountMeta(pair.pubkey(), True, True), *(AccountMeta(key, False, True) for key in keys[1:])]
        return MessageV0.try_compile(pair.pubkey(), [Instruction(keys[0], part, metas) for part in data], [], blockhash)

    message = bytes(to_bytes_versioned(build()))
    template = SolanaTemplate(message, [(number, 0, len(part)) for number, part in enumerate(data)])
    wanted = bytes(VersionedTransaction(build(), [pair]))
    assert template.sign(signer, bytes(blockhash), data)[1] == wanted
    _report("solders build_sol", build)
    _report("solders sign_sol", lambda: pair.sign_message(message))
    _report("solders build_and_sign_sol", lambda: bytes(VersionedTransaction(build(), [pair])))
    _report("python fill_sol", lambda: template.fill(bytes(blockhash), data))
    _report("python sign_sol", lambda: template.sign(signer, bytes(blockhash), data))


def _evm() -> None:
    signer = EvmSigner(SEED)
    to, data = b"\x06" * 20, bytes(4) + b"\x07" * 32 * 26
    fields = {"chainId": 1, "nonce": 5, "maxPriorityFeePerGas": 10**9, "maxFeePerGas": 2 * 10**9, "gas": 600_000}
    call = fields | {"type": 2, "to": "0x" + to.hex(), "value": 0, "data": data}
    unsigned = b"\x02" + bytes(rlp.encode([*fields.values(), to, 0, data, []]))
    words = [data[4 + 64 * word : 36 + 64 * word] for word in range(10)]
    template = EvmTemplate(unsigned, [(7, 4 + 64 * word, 32) for word in range(10)])
    wanted = Account.sign_transaction(call, SEED)
    assert template.sign(signer, b"\x05", words) == (bytes(wanted.hash), bytes(wanted.raw_transaction))
    _report("eth_account sign_evm", lambda: Account.sign_transaction(call, SEED))
    _report("python fill_evm", lambda: template.fill(b"\x05", words))
    _report("python sign_evm", lambda: template.sign(signer, b"\x05", words))


if __name__ == "__main__":
    _solana()
    _evm()
