"""The local chain enforces what LiteSVM leaves to others: sizes, lifetimes, signatures, duplicates."""

from __future__ import annotations

import base64
import struct

import pytest
from solders.address_lookup_table_account import AddressLookupTableAccount, derive_lookup_table_address
from solders.compute_budget import set_compute_unit_limit, set_loaded_accounts_data_size_limit
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from hoploop.local.solana import layouts, txdecode
from hoploop.local.solana.bank import Refused
from hoploop.local.solana.records import Records
from hoploop.local.solana.txdecode import Malformed

MEMO = Pubkey.from_string("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr")
SOL = 10**9


def pay(chain, lamports=SOL, to=None):
    to = to or Pubkey(bytes([7]) * 32)
    return transfer(TransferParams(from_pubkey=chain.me.pubkey(), to_pubkey=to, lamports=lamports))


def account(key):
    return AccountMeta(key, False, False)


def memo(size):
    return Instruction(MEMO, b"a" * size, [])


def largest_memo(chain):
    return 1232 - len(chain.signed(memo(200)).raw) + 200


def test_takes_a_transaction_of_1232_bytes(chain):
    assert chain.bank.execute(chain.signed(memo(largest_memo(chain)))).error is None


def test_refuses_a_transaction_of_1233_bytes(chain):
    with pytest.raises(Malformed, match="too large: 1233 bytes"):
        chain.signed(memo(largest_memo(chain) + 1))


def test_names_the_size_in_the_rpc_error(chain):
    raw = chain.signed(memo(largest_memo(chain))).raw + b"\0"
    error = chain.reply("sendTransaction", base64.b64encode(raw).decode(), {"encoding": "base64"})["error"]
    assert error["code"] == -32602
    assert "too large" in error["message"]


def test_refuses_to_load_more_account_data_than_asked_for(chain):
    with pytest.raises(Refused) as refused:
        chain.run(set_loaded_accounts_data_size_limit(1_000), chain.swap(chain.pool(), True, SOL))
    assert refused.value.error == "MaxLoadedAccountsDataSizeExceeded"


def test_loads_as_much_account_data_as_asked_for(chain):
    limit = set_loaded_accounts_data_size_limit(400_000)
    assert chain.run(limit, chain.swap(chain.pool(), True, SOL)).error is None


def test_counts_program_data_and_lookup_tables_as_loaded(chain):
    def size(**how):
        decoded = chain.signed(chain.swap(chain.pool(), True, SOL), **how)
        return chain.bank.simulate(decoded, verify=True, check_blockhash=True).loaded_bytes

    program = (layouts.UPGRADEABLE_LOADER, bytes(chain.amm))
    data_key = Pubkey.find_program_address([program[1]], program[0])[0]
    data = chain.bank.account(data_key)
    assert data is not None
    assert size() > len(data.data)
    assert size(tables=(chain.table(),)) == size() + 8_248


def test_clamps_the_compute_unit_request_to_1_4_million(chain):
    executed = chain.run(set_compute_unit_limit(5_000_000), chain.swap(chain.pool(), True, SOL))
    budget = next(line for line in executed.logs if f"Program {chain.amm} consumed" in line)
    assert int(budget.split(" of ")[1].split()[0]) <= 1_400_000


def test_accepts_a_blockhash_for_150_blocks(chain):
    decoded = chain.signed(pay(chain))
    for _ in range(150):
        chain.bank.tick()
    assert chain.bank.execute(decoded).error is None


def test_refuses_a_blockhash_after_151_blocks(chain):
    decoded = chain.signed(pay(chain))
    for _ in range(151):
        chain.bank.tick()
    with pytest.raises(Refused) as refused:
        chain.bank.execute(decoded)
    assert refused.value.error == "BlockhashNotFound"


def test_says_honestly_how_long_a_blockhash_lives(chain):
    latest = chain.call("getLatestBlockhash")["value"]
    while chain.call("getBlockHeight") < latest["lastValidBlockHeight"]:
        chain.bank.tick()
    assert chain.call("isBlockhashValid", latest["blockhash"])["value"] is True
    chain.bank.tick()
    assert chain.call("isBlockhashValid", latest["blockhash"])["value"] is False


def test_refuses_an_unknown_blockhash(chain):
    with pytest.raises(Refused) as refused:
        chain.bank.execute(chain.signed(pay(chain), blockhash=str(Pubkey(bytes([9]) * 32))))
    assert refused.value.error == "BlockhashNotFound"


def test_executes_a_signature_once(chain):
    decoded = chain.signed(pay(chain))
    chain.bank.execute(decoded)
    with pytest.raises(Refused) as refused:
        chain.bank.execute(decoded)
    assert refused.value.error == "AlreadyProcessed"
    assert chain.bank.account(Pubkey(bytes([7]) * 32)).lamports == SOL


def test_refuses_a_wrong_signature(chain):
    decoded = chain.signed(pay(chain))
    forged = VersionedTransaction.populate(decoded.tx.message, [Signature(bytes([1]) * 64)])
    with pytest.raises(Refused) as refused:
        chain.bank.execute(txdecode.decode(bytes(forged)))
    assert refused.value.error == "SignatureFailure"


def test_refuses_a_payer_without_money_and_keeps_no_record(chain):
    poor = Keypair()
    with pytest.raises(Refused):
        chain.run(memo(3), payer=poor)
    assert list(chain.bank.records) == []


def test_charges_the_fee_of_a_failed_transaction(chain):
    before = chain.bank.account(chain.me.pubkey()).lamports
    executed = chain.run(pay(chain, lamports=10**15))
    assert executed.error is not None
    assert before - chain.bank.account(chain.me.pubkey()).lamports == executed.fee == 5_000


def test_uses_the_lookup_table_of_the_world(chain):
    loan = [
        chain.borrow(chain.reserve(), SOL),
        chain.swap(chain.pool(), True, SOL),
        chain.repay(chain.reserve(), SOL, 0),
    ]
    executed = chain.run(*loan, tables=(chain.table(),))
    assert executed.error is None
    assert len(executed.decoded.raw) < len(chain.signed(*loan).raw)


def test_a_lookup_beyond_the_table_is_refused(chain):
    table = chain.table()
    address = table.key
    account = chain.bank.account(address)
    chain.put(address, bytes(account.data)[: 56 + 32], account.owner)
    with pytest.raises(Refused) as refused:
        chain.run(chain.swap(chain.pool(), True, SOL), tables=(table,))
    assert refused.value.error == "InvalidAddressLookupTableIndex"


def test_time_slot_and_slot_hashes_move_together(chain):
    svm = chain.bank._svm
    start = svm.get_clock()
    for _ in range(10):
        chain.bank.tick()
    clock = svm.get_clock()
    assert (clock.slot - start.slot, clock.unix_timestamp - start.unix_timestamp) == (10, 2)
    assert [slot for slot, _ in svm.get_slot_hashes()] == list(range(clock.slot - 1, start.slot - 1, -1))


def test_a_lookup_table_made_on_the_chain_works_from_the_next_slot(chain):
    me = chain.me.pubkey()
    chain.bank.tick()
    recent = chain.bank.slot - 1
    key, bump = derive_lookup_table_address(me, recent)
    system = layouts.SYSTEM
    create = Instruction(
        layouts.LOOKUP_TABLES,
        struct.pack("<IQB", 0, recent, bump),
        [AccountMeta(key, False, True), AccountMeta(me, True, False), AccountMeta(me, True, True), account(system)],
    )
    addresses = [Pubkey.from_string(address) for address in chain.spec.lookup_table.addresses[:20]]
    extend = Instruction(
        layouts.LOOKUP_TABLES,
        struct.pack("<IQ", 2, len(addresses)) + b"".join(map(bytes, addresses)),
        [AccountMeta(key, False, True), AccountMeta(me, True, False), AccountMeta(me, True, True), account(system)],
    )
    made = chain.bank.execute(chain.signed(create, extend))
    table = AddressLookupTableAccount(key, addresses)
    swap = chain.swap(chain.pool("sol_usdc_5"), True, SOL)
    assert made.error is None
    with pytest.raises(Refused) as refused:
        chain.bank.execute(chain.signed(swap, tables=(table,)))
    assert refused.value.error == "InvalidAddressLookupTableIndex"
    assert chain.run(swap, tables=(table,)).error is None


def test_forgets_old_transactions_but_none_that_could_run_again(chain):
    bank = chain.bank
    bank.records = Records(kept=3)
    sent = [chain.run(pay(chain, lamports=SOL + i)).decoded.signature for i in range(6)]
    assert all(signature in bank.records for signature in sent)
    for _ in range(151):
        bank.tick()
    chain.run(pay(chain))
    assert [signature in bank.records for signature in sent] == [False] * 4 + [True] * 2
