"""The local block engine runs bundles all-or-nothing and only when they tip."""

from __future__ import annotations

import hashlib

import pytest
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from hoploop.local.solana import names
from hoploop.local.solana.encoding import base58

SOL = 10**9
B64 = {"encoding": "base64"}
TIP = Pubkey.from_string(names.TIP_ACCOUNTS[3])


def tip(chain, lamports=1_000, to=TIP):
    return transfer(TransferParams(from_pubkey=chain.me.pubkey(), to_pubkey=to, lamports=lamports))


@pytest.fixture
def trade(chain):
    """A signed swap, with a tip of so many lamports when asked."""

    def build(amount=SOL, min_out=1, lamports=None):
        extra = [] if lamports is None else [tip(chain, lamports)]
        return chain.signed(chain.swap(chain.pool(), True, amount, min_out), *extra)

    return build


@pytest.fixture
def send(chain, as_text):
    return lambda *bundle: chain.engine("sendBundle", [as_text(one) for one in bundle], B64)


def inflight(chain, ident):
    return chain.engine("getInflightBundleStatuses", [ident])["result"]["value"][0]


def state(chain):
    """Every account a trade touches."""
    keys = [*chain.spec.lookup_table.addresses, str(chain.me.pubkey()), *names.TIP_ACCOUNTS]
    return [chain.bank.account(Pubkey.from_string(key)) for key in keys]


def test_names_the_real_tip_accounts(chain):
    assert chain.engine("getTipAccounts")["result"] == list(names.TIP_ACCOUNTS)


def test_lands_a_bundle_in_one_slot_in_order(chain, trade, send):
    bundle = [trade(SOL), trade(2 * SOL), trade(SOL + 1, lamports=5_000)]
    ident = send(*bundle)["result"]
    status = chain.engine("getBundleStatuses", [ident])["result"]["value"][0]
    assert status["transactions"] == [one.signature for one in bundle]
    assert status["slot"] == chain.bank.slot
    assert [chain.bank.records.get(one.signature).position for one in bundle] == [0, 1, 2]
    assert inflight(chain, ident) == {"bundle_id": ident, "status": "Landed", "landed_slot": chain.bank.slot}


def test_names_a_bundle_by_its_signatures(chain, trade, send):
    bundle = [trade(SOL), trade(2 * SOL, lamports=1_000)]
    text = ",".join(one.signature for one in bundle)
    assert send(*bundle)["result"] == hashlib.sha256(text.encode()).hexdigest()


def test_one_failing_transaction_undoes_the_whole_bundle(chain, trade, send):
    before = state(chain)
    bundle = [trade(SOL, lamports=9_000), trade(2 * SOL), trade(SOL + 1, min_out=2**60)]
    ident = send(*bundle)["result"]
    assert state(chain) == before
    assert inflight(chain, ident)["status"] == "Failed"
    assert chain.engine("getBundleStatuses", [ident])["result"]["value"] == [None]
    assert chain.call("getSignatureStatuses", [one.signature for one in bundle])["value"] == [None] * 3


def test_accounts_made_by_a_failed_bundle_are_gone(chain, trade, send):
    new = Pubkey(bytes([8]) * 32)
    create = chain.signed(tip(chain, SOL, new), tip(chain))
    send(create, trade(min_out=2**60))
    assert chain.call("getAccountInfo", str(new), B64)["value"] is None


def test_a_transaction_of_a_failed_bundle_can_be_sent_again(chain, trade, send, as_text):
    good, bad = trade(SOL, lamports=1_000), trade(2 * SOL, min_out=2**60)
    send(good, bad)
    assert chain.call("sendTransaction", as_text(good), B64) == good.signature
    assert chain.bank.records.get(good.signature).error is None


def test_a_bundle_without_tip_account_is_refused(chain, trade, send):
    error = send(trade(SOL))["error"]
    assert "tip account" in error["message"]
    assert chain.reserves(chain.pool())[2] == 0


def test_a_bundle_that_names_a_tip_account_but_pays_too_little_does_not_land(chain, trade, send):
    ident = send(trade(SOL, lamports=999))["result"]
    assert inflight(chain, ident)["status"] == "Failed"
    assert chain.reserves(chain.pool())[2] == 0


def test_the_tip_may_be_in_any_transaction(chain, trade, send):
    ident = send(trade(SOL, lamports=1_000), trade(2 * SOL))["result"]
    assert inflight(chain, ident)["status"] == "Landed"


def test_refuses_six_transactions(chain, trade, send):
    assert send(*(trade(SOL + i, lamports=1_000) for i in range(6)))["error"]["code"] == -32602


def test_refuses_an_empty_bundle(chain, send):
    assert send()["error"]["code"] == -32602


def test_refuses_the_same_transaction_twice(chain, trade, send):
    one = trade(lamports=1_000)
    assert "duplicate" in send(one, one)["error"]["message"]


def test_refuses_what_is_already_on_the_chain(chain, trade, send):
    one = trade(lamports=1_000)
    chain.bank.execute(one)
    assert "already processed" in send(one)["error"]["message"]


def test_refuses_what_is_no_transaction(chain):
    assert chain.engine("sendBundle", ["AAAA"], B64)["error"]["code"] == -32602
    assert chain.engine("sendBundle", [7], B64)["error"]["code"] == -32602
    assert chain.engine("sendBundle", "AAAA", B64)["error"]["code"] == -32602


def test_takes_base58_when_no_encoding_is_named(chain, trade):
    ident = chain.engine("sendBundle", [base58(trade(lamports=1_000).raw)])["result"]
    assert inflight(chain, ident)["status"] == "Landed"


def test_an_expired_bundle_does_not_land(chain, trade, send):
    one = trade(lamports=1_000)
    for _ in range(151):
        chain.bank.tick()
    assert inflight(chain, send(one)["result"])["status"] == "Failed"


def test_an_unknown_bundle_is_invalid(chain):
    assert inflight(chain, "0" * 64) == {"bundle_id": "0" * 64, "status": "Invalid", "landed_slot": None}


def test_asks_for_at_most_five_statuses(chain):
    assert chain.engine("getBundleStatuses", ["0" * 64] * 6)["error"]["code"] == -32602
