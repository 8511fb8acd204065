"""Subscriptions of the local chain: who is told what, in which order."""

from __future__ import annotations

import base64

import orjson
import pytest
from solders.system_program import TransferParams, transfer

from hoploop.local.solana import layouts, wire
from hoploop.local.solana.bank import BundleFailed

SOL = 10**9


class Listener:
    """A connection without a socket."""

    def __init__(self, chain):
        self.chain = chain
        self.got = []
        self.subscriber = chain.node.hub.connect(lambda message: self.got.append(orjson.loads(message)))

    def call(self, method, *params):
        handlers = {**self.chain.node.handlers, **self.subscriber.handlers()}
        reply = wire.answer_one({"id": 1, "method": method, "params": list(params)}, handlers)
        self.got += [orjson.loads(message) for message in self.subscriber.late]
        self.subscriber.late.clear()
        return reply

    def subscribe(self, method, *params):
        return self.call(method, *params)["result"]

    def of(self, ident):
        return [m["params"]["result"] for m in self.got if m["params"]["subscription"] == ident]


@pytest.fixture
def listener(chain):
    return Listener(chain)


def trade(chain, **how):
    return chain.run(chain.swap(chain.pool(), True, SOL), **how)


def test_an_account_subscriber_sees_the_new_state_with_its_slot(chain, listener):
    ident = listener.subscribe("accountSubscribe", chain.pool().address, {"encoding": "base64"})
    executed = trade(chain)
    (seen,) = listener.of(ident)
    assert seen["context"]["slot"] == executed.slot
    fields = layouts.POOL.unpack(base64.b64decode(seen["value"]["data"][0]))
    assert fields[-3:] == chain.reserves(chain.pool())


def test_an_account_that_did_not_change_is_not_notified(chain, listener):
    ident = listener.subscribe("accountSubscribe", chain.pool("sol_usdc_5").address)
    trade(chain)
    assert listener.of(ident) == []


def test_a_failed_transaction_notifies_only_what_the_fee_changed(chain, listener):
    pool = listener.subscribe("accountSubscribe", chain.pool().address)
    payer = listener.subscribe("accountSubscribe", str(chain.me.pubkey()))
    chain.run(chain.swap(chain.pool(), True, SOL, 2**60))
    assert (len(listener.of(pool)), len(listener.of(payer))) == (0, 1)


def test_every_subscriber_of_an_account_is_told_in_the_order_of_subscribing(chain, listener):
    idents = [listener.subscribe("accountSubscribe", chain.pool().address) for _ in range(3)]
    trade(chain)
    assert [message["params"]["subscription"] for message in listener.got] == idents


def test_slots_come_one_by_one(chain, listener):
    ident = listener.subscribe("slotSubscribe")
    start = chain.bank.slot
    for _ in range(3):
        chain.bank.tick()
    assert [s["slot"] for s in listener.of(ident)] == [start + 1, start + 2, start + 3]
    assert all(s["parent"] == s["slot"] - 1 for s in listener.of(ident))


def test_a_signature_is_notified_once(chain, listener):
    decoded = chain.signed(chain.swap(chain.pool(), True, SOL))
    ident = listener.subscribe("signatureSubscribe", decoded.signature)
    chain.bank.execute(decoded)
    chain.bank.tick()
    assert [s["value"] for s in listener.of(ident)] == [{"err": None}]


def test_a_signature_that_already_landed_is_notified_after_the_reply(chain, listener):
    executed = trade(chain)
    ident = listener.subscribe("signatureSubscribe", executed.decoded.signature)
    assert [s["value"] for s in listener.of(ident)] == [{"err": None}]


def test_logs_reach_those_who_mention_an_account(chain, listener):
    mine = listener.subscribe("logsSubscribe", {"mentions": [str(chain.amm)]})
    other = listener.subscribe("logsSubscribe", {"mentions": [str(chain.lend)]})
    every = listener.subscribe("logsSubscribe", "all")
    executed = trade(chain)
    assert [s["value"]["signature"] for s in listener.of(mine)] == [executed.decoded.signature]
    assert (len(listener.of(other)), len(listener.of(every))) == (0, 1)


def test_mentions_take_exactly_one_address(chain, listener):
    two = {"mentions": [str(chain.amm), str(chain.lend)]}
    assert listener.call("logsSubscribe", two)["error"]["code"] == -32602
    assert listener.call("logsSubscribe", {"mentions": []})["error"]["code"] == -32602


def test_a_program_subscriber_sees_its_matching_accounts(chain, listener):
    pools = listener.subscribe("programSubscribe", str(chain.amm), {"filters": [{"dataSize": 176}]})
    none = listener.subscribe("programSubscribe", str(chain.amm), {"filters": [{"dataSize": 7}]})
    trade(chain)
    assert [s["value"]["pubkey"] for s in listener.of(pools)] == [chain.pool().address]
    assert listener.of(none) == []


def test_nothing_comes_after_unsubscribing(chain, listener):
    ident = listener.subscribe("accountSubscribe", chain.pool().address)
    assert listener.subscribe("accountUnsubscribe", ident) is True
    trade(chain)
    assert listener.of(ident) == []


def test_a_foreign_subscription_cannot_be_ended(chain, listener):
    ident = listener.subscribe("slotSubscribe")
    assert Listener(chain).call("slotUnsubscribe", ident)["error"]["code"] == -32602
    chain.bank.tick()
    assert len(listener.of(ident)) == 1


def test_a_closed_connection_is_forgotten(chain, listener):
    listener.subscribe("slotSubscribe")
    listener.subscribe("accountSubscribe", chain.pool().address)
    listener.subscriber.close()
    trade(chain)
    assert listener.got == []


def test_a_connection_has_a_limited_number_of_subscriptions(chain, listener):
    for _ in range(2_000):
        listener.subscribe("slotSubscribe")
    assert listener.call("slotSubscribe")["error"]["code"] == -32602


def test_a_rolled_back_bundle_notifies_nobody(chain, listener):
    ident = listener.subscribe("accountSubscribe", chain.pool().address)
    good = chain.signed(chain.swap(chain.pool(), True, SOL))
    bad = chain.signed(transfer(TransferParams(from_pubkey=chain.me.pubkey(), to_pubkey=chain.amm, lamports=10**17)))
    with pytest.raises(BundleFailed):
        chain.bank.execute_bundle([good, bad])
    assert listener.of(ident) == []
