"""Bundles land whole, on top, in their block, or not at all; the public mempool loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from eth_account import Account
from eth_utils.crypto import keccak

from hoploop.local.evm import world_addresses
from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.rpc import IpcClient

FAILING = encode_call("transfer(address,uint256)", "0x" + "00" * 19 + "01", 10**30)


def _hash(raw: str) -> str:
    return "0x" + keccak(hexstr=raw).hex()


async def _receipts(node: IpcClient, *raws: str) -> list[Any]:
    return await node.batch([("eth_getTransactionReceipt", (_hash(raw),)) for raw in raws])


async def test_a_bad_signature_is_refused(relay: Any, wallet: Any) -> None:
    target = await relay.head() + 2
    params = {"txs": [wallet.raw(0)], "blockNumber": hex(target)}
    status, answer = await relay.post("eth_sendBundle", params, signed=False)
    assert status == 403
    assert "X-Flashbots-Signature" in answer["error"]["message"]
    await relay.wait_until(target)
    assert await wallet.nonce() == 0


async def test_a_bundle_lands_whole_and_first_in_its_block(relay: Any, wallet: Any, node: IpcClient) -> None:
    raws, target = [wallet.raw(0), wallet.raw(1)], await relay.head() + 6
    answer = await relay.result("eth_sendBundle", {"txs": raws, "blockNumber": hex(target)})
    await relay.wait_until(target)
    first, second = await _receipts(node, *raws)
    assert [int(receipt["blockNumber"], 16) for receipt in (first, second)] == [target, target]
    assert [int(receipt["transactionIndex"], 16) for receipt in (first, second)] == [0, 1]
    stats = await relay.result("flashbots_getBundleStatsV2", {"bundleHash": answer["bundleHash"]})
    assert stats["outcome"] == f"included in {target}"


async def test_a_bundle_with_a_failing_transaction_leaves_no_trace(relay: Any, wallet: Any, node: IpcClient) -> None:
    raws, target = [wallet.raw(0), wallet.raw(1, data=FAILING, to=world_addresses()["weth"])], await relay.head() + 6
    await relay.result("eth_sendBundle", {"txs": raws, "blockNumber": hex(target)})
    await relay.wait_until(target + 1)
    assert await _receipts(node, *raws) == [None, None]
    assert await wallet.nonce() == 0


async def test_a_failing_transaction_may_be_allowed(relay: Any, wallet: Any, node: IpcClient) -> None:
    raws, target = [wallet.raw(0), wallet.raw(1, data=FAILING, to=world_addresses()["weth"])], await relay.head() + 6
    allowed = [_hash(raws[1])]
    await relay.result("eth_sendBundle", {"txs": raws, "blockNumber": hex(target), "revertingTxHashes": allowed})
    await relay.wait_until(target)
    assert [receipt and receipt["status"] for receipt in await _receipts(node, *raws)] == ["0x1", "0x0"]


async def test_a_bundle_for_another_block_is_not_included(relay: Any, wallet: Any, node: IpcClient) -> None:
    raw, target = wallet.raw(0), await relay.head() + 8
    await relay.result("eth_sendBundle", {"txs": [raw], "blockNumber": hex(target)})
    await relay.wait_until(target - 1)
    before = await _receipts(node, raw)
    await relay.wait_until(target)
    after = await _receipts(node, raw)
    assert before == [None]
    assert after[0] is not None
    assert int(after[0]["blockNumber"], 16) == target


async def test_a_bundle_for_a_past_block_is_refused(relay: Any, wallet: Any) -> None:
    _, answer = await relay.post("eth_sendBundle", {"txs": [wallet.raw(0)], "blockNumber": "0x1"})
    assert "past" in answer["error"]["message"]


async def test_a_cancelled_bundle_does_not_land(relay: Any, wallet: Any) -> None:
    target = await relay.head() + 6
    bundle = {"txs": [wallet.raw(0)], "blockNumber": hex(target), "replacementUuid": "mine"}
    await relay.result("eth_sendBundle", bundle)
    await relay.result("eth_cancelBundle", {"replacementUuid": "mine"})
    await relay.wait_until(target)
    assert await wallet.nonce() == 0


async def test_a_call_bundle_tells_gas_fees_and_failures(relay: Any, wallet: Any) -> None:
    raws = [wallet.raw(0), wallet.raw(1, data=FAILING, to=world_addresses()["weth"])]
    params = {"txs": raws, "blockNumber": hex(await relay.head() + 1), "stateBlockNumber": "latest"}
    answer = await relay.result("eth_callBundle", params)
    good, bad = answer["results"]
    assert (good["gasUsed"], good["gasFees"]) == (21_000, str(21_000 * 10**9))
    assert "error" not in good
    assert bad["error"]
    assert await wallet.nonce() == 0


async def test_bundles_of_one_account_follow_each_other(relay: Any, wallet: Any) -> None:
    target = await relay.head() + 6
    for nonce in (2, 0, 1):
        await relay.result("eth_sendBundle", {"txs": [wallet.raw(nonce)], "blockNumber": hex(target)})
    await relay.wait_until(target)
    assert await wallet.nonce() == 3


async def test_a_bundle_waits_for_the_public_transaction_before_it(relay: Any, wallet: Any, node: IpcClient) -> None:
    target = await relay.head() + 6
    bundle = wallet.raw(1)
    await relay.result("eth_sendBundle", {"txs": [bundle], "blockNumber": hex(target)})
    await relay.wait_until(target - 1)
    await node.call("eth_sendRawTransaction", wallet.raw(0))
    await relay.wait_until(target)
    (receipt,) = await _receipts(node, bundle)
    assert receipt is None or int(receipt["blockNumber"], 16) == target
    assert await wallet.nonce() == (1 if receipt is None else 2)


async def test_a_private_transaction_lands_without_being_public(relay: Any, wallet: Any, node: IpcClient) -> None:
    raw = wallet.raw(0)
    await relay.result("eth_sendPrivateTransaction", {"tx": raw})
    await relay.wait_until(await relay.head() + 4)
    assert (await _receipts(node, raw))[0] is not None


async def test_no_public_transaction_is_lost_among_bundles(relay: Any, wallet: Any, node: IpcClient) -> None:
    start = await relay.head()
    rival = type(wallet)(Account.create(), node)
    await node.call("anvil_setBalance", rival.account.address, hex(10**21))
    for step in range(8):
        bundle = {"txs": [rival.raw(step)], "blockNumber": hex(start + 8 + step)}
        await relay.result("eth_sendBundle", bundle)
    raws = [wallet.raw(nonce) for nonce in range(200)]
    for raw in raws:
        await node.call("eth_sendRawTransaction", raw)
        await asyncio.sleep(0.002)
    await relay.wait_until(max(start + 18, await relay.head() + 3))
    assert await wallet.nonce() == 200
    assert await rival.nonce() == 8


async def test_garbage_is_answered_with_an_error(relay: Any) -> None:
    for params in ((), (None,), ({"txs": ["0x00"], "blockNumber": "0x1"},), ({"txs": 1},)):
        for method in ("eth_sendBundle", "eth_callBundle", "eth_cancelBundle", "eth_sendPrivateTransaction"):
            status, answer = await relay.post(method, *params)
            assert status == 200
            assert answer["error"]["code"] == -32602
    assert (await relay.post("eth_mine"))[1]["error"]["code"] == -32601
