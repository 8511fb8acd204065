"""The JSON-RPC of the local chain, method by method, without sockets."""

from __future__ import annotations

import base64

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from solders.compute_budget import set_compute_unit_price
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer

from hoploop.local.solana import layouts, names, wire
from hoploop.local.solana.encoding import base58, from_base58

SOL = 10**9
B64 = {"encoding": "base64"}


@pytest.fixture
def pool(chain):
    return chain.pool()


def swap(chain, amount=SOL, min_out=1):
    return chain.signed(chain.swap(chain.pool(), True, amount, min_out))


def test_reads_an_account(chain, pool):
    value = chain.call("getAccountInfo", pool.address, B64)["value"]
    data = base64.b64decode(value["data"][0])
    assert (value["owner"], value["space"], data[:8]) == (str(chain.amm), 176, b"HOPAMM01")


def test_reads_an_account_compressed(chain, pool):
    text, encoding = chain.call("getAccountInfo", pool.address, {"encoding": "base64+zstd"})["value"]["data"]
    assert encoding == "base64+zstd"
    assert zstandard.decompress(base64.b64decode(text))[:8] == b"HOPAMM01"


def test_reads_a_slice_of_an_account(chain, pool):
    options = B64 | {"dataSlice": {"offset": 0, "length": 8}}
    value = chain.call("getAccountInfo", pool.address, options)["value"]
    assert (base64.b64decode(value["data"][0]), value["space"]) == (b"HOPAMM01", 176)


def test_an_absent_account_is_null(chain):
    assert chain.call("getAccountInfo", str(Pubkey(bytes([3]) * 32)), B64)["value"] is None


def test_refuses_parsed_accounts_with_the_way_out(chain, pool):
    error = chain.reply("getAccountInfo", pool.address, {"encoding": "jsonParsed"})["error"]
    assert error["code"] == -32602
    assert "base64" in error["message"]


def test_reads_many_accounts_in_order(chain, pool):
    keys = [pool.vault_b, str(Pubkey(bytes([3]) * 32)), pool.address]
    owners = [None if v is None else v["owner"] for v in chain.call("getMultipleAccounts", keys, B64)["value"]]
    assert owners == [str(layouts.TOKEN), None, str(chain.amm)]


def test_refuses_more_than_a_hundred_accounts(chain, pool):
    assert chain.reply("getMultipleAccounts", [pool.address] * 101)["error"]["code"] == -32602


def test_lists_the_pools_of_a_mint_by_filter(chain, pool):
    filters = [{"dataSize": 176}, {"memcmp": {"offset": 24, "bytes": pool.mint_a}}]
    listed = chain.call("getProgramAccounts", str(chain.amm), B64 | {"filters": filters})
    expected = {p.address for p in chain.spec.pools if p.mint_a == pool.mint_a}
    assert {entry["pubkey"] for entry in listed} == expected


def test_a_filter_that_is_none_is_refused(chain):
    assert chain.reply("getProgramAccounts", str(chain.amm), {"filters": [{}]})["error"]["code"] == -32602


def test_reads_token_balances_exactly(chain):
    account = str(chain.wallet(chain.spec.mints[0].address))
    value = chain.call("getTokenAccountBalance", account)["value"]
    assert (value["amount"], value["decimals"], value["uiAmountString"]) == (str(5 * SOL), 9, "5")


def test_an_account_without_tokens_has_no_token_balance(chain, pool):
    assert chain.reply("getTokenAccountBalance", pool.address)["error"]["code"] == -32602


def test_lists_token_accounts_of_an_owner(chain):
    listed = chain.call("getTokenAccountsByOwner", str(chain.me.pubkey()), {"programId": str(layouts.TOKEN)}, B64)
    assert {entry["pubkey"] for entry in listed["value"]} == {h.account for h in chain.spec.wallets[0].tokens}


def test_knows_who_it_is(chain):
    assert chain.call("getGenesisHash") == str(names.genesis())
    assert chain.call("getHealth") == "ok"
    assert chain.call("getVersion")["solana-core"]


def test_a_slot_ahead_is_refused_with_where_we_are(chain):
    slot = chain.call("getSlot")
    error = chain.reply("getSlot", {"minContextSlot": slot + 1})["error"]
    assert (error["code"], error["data"]) == (-32016, {"contextSlot": slot})


def test_tells_the_time_of_a_slot(chain):
    slot = chain.call("getSlot")
    for _ in range(5):
        chain.bank.tick()
    assert chain.call("getBlockTime", slot + 5) - chain.call("getBlockTime", slot) == 1


def test_simulates_without_changing_anything(chain, pool, as_text):
    before = chain.reserves(pool)
    result = chain.call("simulateTransaction", as_text(swap(chain)), B64)["value"]
    assert result["err"] is None
    assert result["unitsConsumed"] > 1_000
    assert chain.reserves(pool) == before
    assert chain.call("getSignatureStatuses", [swap(chain).signature])["value"] == [None]


def test_shows_accounts_as_a_simulation_leaves_them(chain, pool, as_text):
    wanted = {"accounts": {"encoding": "base64", "addresses": [pool.address]}}
    value = chain.call("simulateTransaction", as_text(swap(chain)), B64 | wanted)["value"]
    data = base64.b64decode(value["accounts"][0]["data"][0])
    assert layouts.POOL.unpack(data)[-3] == pool.reserve_a + SOL


def test_simulates_with_an_expired_blockhash_replaced(chain, as_text):
    old = swap(chain)
    for _ in range(200):
        chain.bank.tick()
    stale = chain.call("simulateTransaction", as_text(old), B64)["value"]
    fresh = chain.call("simulateTransaction", as_text(old), B64 | {"replaceRecentBlockhash": True})["value"]
    assert (stale["err"], fresh["err"]) == ("BlockhashNotFound", None)
    assert fresh["replacementBlockhash"]["blockhash"] == chain.call("getLatestBlockhash")["value"]["blockhash"]


def test_refuses_to_verify_what_it_is_asked_to_replace(chain, as_text):
    options = B64 | {"replaceRecentBlockhash": True, "sigVerify": True}
    assert chain.reply("simulateTransaction", as_text(swap(chain)), options)["error"]["code"] == -32602


def test_a_failed_simulation_names_the_instruction(chain, as_text):
    value = chain.call("simulateTransaction", as_text(swap(chain, min_out=2**60)), B64)["value"]
    assert value["err"] == {"InstructionError": [0, {"Custom": 6}]}
    assert any("custom program error: 0x6" in line for line in value["logs"])


def test_a_failed_preflight_carries_data_and_sends_nothing(chain, as_text):
    decoded = swap(chain, min_out=2**60)
    error = chain.reply("sendTransaction", as_text(decoded), B64)["error"]
    assert error["code"] == -32002
    assert error["data"]["err"] == {"InstructionError": [0, {"Custom": 6}]}
    assert chain.call("getSignatureStatuses", [decoded.signature])["value"] == [None]


def test_without_preflight_a_failing_transaction_lands_as_failed(chain, as_text):
    decoded = swap(chain, min_out=2**60)
    assert chain.call("sendTransaction", as_text(decoded), B64 | {"skipPreflight": True}) == decoded.signature
    status = chain.call("getSignatureStatuses", [decoded.signature])["value"][0]
    assert status["err"] == {"InstructionError": [0, {"Custom": 6}]}


def test_a_second_send_is_already_processed(chain, as_text):
    decoded = swap(chain)
    chain.call("sendTransaction", as_text(decoded), B64)
    error = chain.reply("sendTransaction", as_text(decoded), B64)["error"]
    assert (error["code"], error["data"]["err"]) == (-32002, "AlreadyProcessed")


def test_a_wrong_signature_is_refused_before_anything_else(chain, as_text):
    raw = bytearray(swap(chain).raw)
    raw[5] ^= 1
    error = chain.reply("sendTransaction", base64.b64encode(raw).decode(), B64)["error"]
    assert error["code"] == -32003


def test_a_sent_transaction_is_final_at_once(chain, as_text):
    decoded = swap(chain)
    chain.call("sendTransaction", as_text(decoded), B64)
    status = chain.call("getSignatureStatuses", [decoded.signature])["value"][0]
    assert (status["confirmationStatus"], status["err"], status["slot"]) == ("finalized", None, chain.bank.slot)


def test_a_transaction_shows_balances_before_and_after(chain, pool, as_text):
    decoded = swap(chain)
    wallet = str(chain.wallet(pool.mint_b))
    chain.call("sendTransaction", as_text(decoded), B64)
    shown = chain.call("getTransaction", decoded.signature, {"encoding": "json", "maxSupportedTransactionVersion": 0})
    keys = shown["transaction"]["message"]["accountKeys"]
    meta = shown["meta"]
    place = keys.index(wallet)

    def amount(side):
        return next(int(b["uiTokenAmount"]["amount"]) for b in meta[side] if b["accountIndex"] == place)

    assert meta["preBalances"][0] - meta["postBalances"][0] == meta["fee"] == 5_000
    assert (amount("preTokenBalances"), amount("postTokenBalances")) == (0, chain.tokens(wallet))
    assert (meta["err"], shown["slot"]) == (None, chain.bank.slot)


def test_token_balances_cover_accounts_from_lookup_tables(chain, pool, as_text):
    decoded = chain.signed(chain.swap(pool, True, SOL), tables=(chain.table(),))
    chain.call("sendTransaction", as_text(decoded), B64)
    shown = chain.call("getTransaction", decoded.signature, {"maxSupportedTransactionVersion": 0})
    loaded = shown["meta"]["loadedAddresses"]
    keys = shown["transaction"]["message"]["accountKeys"] + loaded["writable"] + loaded["readonly"]
    listed = {keys[entry["accountIndex"]] for entry in shown["meta"]["postTokenBalances"]}
    assert listed >= {pool.vault_a, pool.vault_b}
    assert len(shown["meta"]["postBalances"]) == len(keys)


def test_a_client_that_knows_no_versions_is_told_so(chain, as_text):
    decoded = swap(chain)
    chain.call("sendTransaction", as_text(decoded), B64)
    assert chain.reply("getTransaction", decoded.signature)["error"]["code"] == -32015


def test_an_unknown_transaction_is_null(chain):
    assert chain.call("getTransaction", swap(chain).signature, {"maxSupportedTransactionVersion": 0}) is None


def test_lists_signatures_of_an_address_newest_first(chain, as_text):
    sent = []
    for _ in range(4):
        chain.bank.tick()
        sent.append(chain.call("sendTransaction", as_text(swap(chain)), B64))
    address = chain.pool().address
    listed = [e["signature"] for e in chain.call("getSignaturesForAddress", address)]
    window = chain.call("getSignaturesForAddress", address, {"before": sent[3], "until": sent[0]})
    assert listed == sent[::-1]
    assert [e["signature"] for e in window] == [sent[2], sent[1]]


def test_reports_the_lowest_price_paid_per_slot(chain, as_text):
    prices = (7_000, 5_000)
    for number, price in enumerate(prices):
        chain.bank.execute(chain.signed(set_compute_unit_price(price), chain.swap(chain.pool(), True, SOL + number)))
    slot = chain.bank.slot
    chain.bank.tick()
    fees = chain.call("getRecentPrioritizationFees", [chain.pool().address])
    assert fees[-1] == {"slot": slot, "prioritizationFee": 5_000}
    assert chain.call("getRecentPrioritizationFees", [chain.pool("sol_usdc_5").address])[-1]["prioritizationFee"] == 0


def test_answers_a_batch_in_order(chain):
    body = orjson.dumps([{"id": i, "method": m} for i, m in enumerate(("getSlot", "nonsense", "getHealth"))])
    replies = orjson.loads(wire.answer(body, chain.node.handlers))
    assert [r["id"] for r in replies] == [0, 1, 2]
    assert replies[1]["error"]["code"] == -32601


def test_a_notification_gets_no_answer(chain):
    assert wire.answer(b'{"method": "getSlot"}', chain.node.handlers) is None


def test_an_overlong_batch_is_refused(chain):
    body = orjson.dumps([{"id": 1, "method": "getSlot"}] * 101)
    assert orjson.loads(wire.answer(body, chain.node.handlers))["error"]["code"] == -32600


@pytest.mark.parametrize("body", [b"", b"{", b"nul", b"\xff\xfe", b"[" * 2_000, b"1e999", b'{"a":'])
def test_what_is_no_json_is_a_parse_error(chain, body):
    assert orjson.loads(wire.answer(body, chain.node.handlers))["error"]["code"] == -32700


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
OPTION = st.sampled_from(
    ["encoding", "filters", "dataSlice", "accounts", "limit", "before", "minContextSlot", "mentions", "mint", "memcmp"]
)


@pytest.fixture(scope="module")
def fuzzed(request):
    return request.getfixturevalue("make_chain")()


@given(data=st.data())
def test_hostile_parameters_get_an_error_object_and_never_an_exception(fuzzed, data):
    subscriber = fuzzed.node.hub.connect(lambda _: None)
    handlers = {**fuzzed.node.handlers, **fuzzed.node.engine.handlers(), **subscriber.handlers()}
    method = data.draw(st.sampled_from(sorted(handlers)))
    known = st.sampled_from([fuzzed.pool().address, str(fuzzed.amm), "1" * 88, "1" * 64, "A" * 1644])
    param = JSON | known | st.lists(known | JSON, max_size=3) | st.dictionaries(OPTION, JSON | known, max_size=3)
    params = data.draw(st.lists(param, max_size=3) | JSON)
    reply = wire.answer_one({"id": 1, "method": method, "params": params}, handlers)
    subscriber.close()
    assert reply is not None
    assert ("result" in reply) != ("error" in reply)
    orjson.dumps(reply)


@given(raw=st.binary(max_size=1300))
def test_arbitrary_bytes_as_a_transaction_are_refused(fuzzed, raw):
    text = base64.b64encode(raw).decode()
    for method in ("sendTransaction", "simulateTransaction"):
        assert "error" in fuzzed.reply(method, text, B64)


@given(data=st.data())
def test_a_damaged_transaction_never_breaks_the_chain(fuzzed, data):
    raw = bytearray(fuzzed.signed(fuzzed.swap(fuzzed.pool(), True, SOL), tables=(fuzzed.table(),)).raw)
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))
    text = base64.b64encode(raw).decode()
    reply = fuzzed.reply("simulateTransaction", text, B64 | {"replaceRecentBlockhash": True})
    fuzzed.reply("sendTransaction", text, B64 | {"skipPreflight": True})
    assert "error" in reply or "value" in reply["result"]
    assert fuzzed.call("getHealth") == "ok"


@given(data=st.binary(max_size=80))
def test_base58_goes_there_and_back(data):
    assert from_base58(base58(data)) == data


def test_base58_agrees_with_addresses():
    key = names.address("executor")
    assert base58(bytes(key)) == str(key)


def test_a_plain_transfer_shows_in_the_balances(chain, as_text):
    to = Pubkey(bytes([7]) * 32)
    pay = transfer(TransferParams(from_pubkey=chain.me.pubkey(), to_pubkey=to, lamports=SOL))
    chain.call("sendTransaction", as_text(chain.signed(pay)), B64)
    assert chain.call("getBalance", str(to))["value"] == SOL
