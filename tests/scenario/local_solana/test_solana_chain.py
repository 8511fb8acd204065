"""The local Solana chain over real sockets: stock clients work, hostile ones do no harm, stopping leaves nothing."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import time

import aiohttp
import pytest
import websockets
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Processed
from solana.rpc.models import TxOpts
from solana.rpc.websocket_api import SolanaWsClient
from solders.hash import Hash
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from hoploop.errors import LocalError
from hoploop.local.solana import names, start
from hoploop.local.solana.node import Node, Settings

pytestmark = pytest.mark.chain
SOL = 10**9
TO = Pubkey(bytes([7]) * 32)


@pytest.fixture
async def serving():
    """(node, addresses) of a chain in this process, its slots advanced by the test."""
    node = Node(Settings(traffic=False), start_unix_s=1_790_000_000)
    async with node.serving() as addresses:
        yield node, addresses


def payment(blockhash, lamports=SOL, to=TO):
    me = names.keypair("executor")
    pay = transfer(TransferParams(from_pubkey=me.pubkey(), to_pubkey=to, lamports=lamports))
    tip = transfer(
        TransferParams(from_pubkey=me.pubkey(), to_pubkey=Pubkey.from_string(names.TIP_ACCOUNTS[0]), lamports=1_000)
    )
    return VersionedTransaction(MessageV0.try_compile(me.pubkey(), [pay, tip], [], blockhash), [me])


async def post(url, body):
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
        return response.status, await response.read()


async def test_the_stock_client_reads_simulates_sends_and_looks_up(serving):
    _, addresses = serving
    async with AsyncClient(addresses.rpc) as client:
        latest = (await client.get_latest_blockhash()).value
        tx = payment(latest.blockhash)
        assert (await client.simulate_transaction(tx)).value.err is None
        signature = (await client.send_transaction(tx, opts=TxOpts(skip_preflight=False))).value
        assert signature == tx.signatures[0]
        assert (await client.get_signature_statuses([signature])).value[0].err is None
        assert (await client.get_balance(TO)).value == SOL
        shown = (await client.get_transaction(signature, max_supported_transaction_version=0)).value
        assert shown.transaction.meta.fee == 5_000
        assert (await client.get_block_height()).value < latest.last_valid_block_height
        await client.confirm_transaction(signature)


async def test_the_stock_client_reads_tokens_programs_and_fees(serving):
    _, addresses = serving
    spec = names.default_spec()
    async with AsyncClient(addresses.rpc) as client:
        account = Pubkey.from_string(spec.wallets[0].tokens[0].account)
        assert (await client.get_token_account_balance(account)).value.amount == str(5 * SOL)
        pools = (await client.get_program_accounts(names.address("program/amm"), encoding="base64")).value
        assert len(pools) == len(spec.pools)
        keys = [Pubkey.from_string(pool.address) for pool in spec.pools]
        assert all((await client.get_multiple_accounts(keys)).value)
        assert (await client.get_genesis_hash()).value == names.genesis()
        assert (await client.get_version()).value is not None
        assert (await client.get_minimum_balance_for_rent_exemption(165)).value > 0
        assert (await client.get_signatures_for_address(keys[0])).value == []


async def test_the_stock_client_parses_a_failed_preflight(serving):
    _, addresses = serving
    async with AsyncClient(addresses.rpc) as client:
        blockhash = (await client.get_latest_blockhash()).value.blockhash
        with pytest.raises(Exception, match="simulation failed"):
            await client.send_transaction(payment(blockhash, lamports=10**15))
        tx = payment(blockhash)
        await client.send_transaction(tx)
        with pytest.raises(Exception, match="AlreadyProcessed"):
            await client.send_transaction(tx)


async def test_the_stock_client_parses_an_expired_blockhash(serving):
    _, addresses = serving
    async with AsyncClient(addresses.rpc) as client:
        with pytest.raises(Exception, match="BlockhashNotFound"):
            await client.send_transaction(payment(Hash(bytes([3]) * 32)))


async def test_the_stock_websocket_client_gets_accounts_slots_and_signatures(serving):
    node, addresses = serving
    tx = payment(Hash.from_string(node.bank.ticks.latest))
    async with SolanaWsClient(addresses.ws) as socket, AsyncClient(addresses.rpc) as client:
        await socket.account_subscribe(pubkey=TO, commitment=Processed, encoding="base64")
        await socket.slot_subscribe()
        await socket.signature_subscribe(signature=tx.signatures[0])
        await client.send_transaction(tx)
        node.step()
        got = [type(await socket.recv()).__name__ for _ in range(3)]
    assert got == ["AccountNotification", "SignatureNotification", "SlotNotification"]


async def test_a_bundle_lands_over_http(serving):
    node, addresses = serving
    text = base64.b64encode(bytes(payment(Hash.from_string(node.bank.ticks.latest)))).decode()
    async with aiohttp.ClientSession() as session:

        async def call(path, method, *params):
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}
            async with session.post(f"{addresses.jito}/api/v1/{path}", json=body) as response:
                return (await response.json())["result"]

        ident = await call("bundles", "sendBundle", [text], {"encoding": "base64"})
        for path in ("bundles", "getBundleStatuses"):
            status = await call(path, "getBundleStatuses", [ident])
            assert status["value"][0]["err"] == {"Ok": None}
        assert await call("getTipAccounts", "getTipAccounts") == list(names.TIP_ACCOUNTS)


async def test_bundle_only_gives_revert_protection_and_names_the_bundle(serving):
    node, addresses = serving
    failing = payment(Hash.from_string(node.bank.ticks.latest), lamports=10**15)
    body = {"jsonrpc": "2.0", "id": 1, "method": "sendTransaction"}
    body["params"] = [base64.b64encode(bytes(failing)).decode(), {"encoding": "base64"}]
    async with aiohttp.ClientSession() as session:
        url = f"{addresses.jito}/api/v1/transactions?bundleOnly=true"
        async with session.post(url, json=body) as response:
            reply, ident = await response.json(), response.headers["x-bundle-id"]
    assert reply["result"] == str(failing.signatures[0])
    assert len(ident) == 64
    assert list(node.bank.records) == []


@pytest.mark.parametrize(
    "body", [b"", b"\x00" * 100, b"{" * 5_000, b'{"id":1}', b'{"method":7}', b"[]", b"[[[]]]", b"7"]
)
async def test_hostile_http_bodies_get_an_error_and_the_chain_lives_on(serving, body):
    _, addresses = serving
    for url in (addresses.rpc, addresses.jito):
        status, reply = await post(url, body)
        assert status == 200
        assert b'"error"' in reply
    async with AsyncClient(addresses.rpc) as client:
        assert (await client.get_slot()).value > 0


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01" + bytes(200), b"GET", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"]
)
async def test_connections_that_do_not_speak_http_do_no_harm(serving, raw):
    _, addresses = serving
    port = int(addresses.rpc.rsplit(":", 1)[1])
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    await writer.drain()
    writer.close()
    async with AsyncClient(addresses.rpc) as client:
        assert (await client.get_slot()).value > 0


async def test_an_oversized_http_body_is_refused(serving):
    _, addresses = serving
    status, _ = await post(addresses.rpc, b"x" * (600 * 1024))
    assert status == 413


async def test_hostile_websocket_messages_get_an_error_and_keep_the_connection(serving):
    _, addresses = serving
    async with websockets.connect(addresses.ws) as socket:
        for message in ("", "{", "[]", b"\xff\x00", '{"id":1,"method":"accountSubscribe","params":[{}]}'):
            await socket.send(message)
            assert '"error"' in await socket.recv()
        await socket.send('{"id":1,"method":"getHealth"}')
        assert '"ok"' in await socket.recv()


async def test_an_oversized_websocket_message_closes_only_that_connection(serving):
    _, addresses = serving
    async with websockets.connect(addresses.ws) as bad, websockets.connect(addresses.ws) as good:
        with contextlib.suppress(websockets.ConnectionClosed):
            await bad.send("x" * (600 * 1024))
            await bad.recv()
        await good.send('{"id":1,"method":"getHealth"}')
        assert '"ok"' in await good.recv()


async def test_a_connection_that_vanishes_is_forgotten(serving):
    node, addresses = serving
    socket = await websockets.connect(addresses.ws)
    await socket.send('{"id":1,"method":"slotSubscribe"}')
    await socket.recv()
    socket.transport.abort()
    for _ in range(100):
        node.step()
        await asyncio.sleep(0.01)
        if not node.hub.slots:
            return
    pytest.fail("the subscription is still there")


async def test_a_busy_port_is_a_clear_error(serving):
    _, addresses = serving
    port = int(addresses.rpc.rsplit(":", 1)[1])
    other = Node(Settings(traffic=False, rpc_port=port), start_unix_s=1)
    with pytest.raises(LocalError) as raised:
        async with other.serving():
            pass
    assert raised.value.code == "X207"


async def test_start_serves_from_a_process_of_its_own_until_stopped(tmp_path):
    lines = []
    running = await start(workdir=tmp_path, seed=7, slot_ms=50, traffic=True, world="", progress=lines.append)
    try:
        async with AsyncClient(running.endpoint) as client, SolanaWsClient(running.extras["ws"]) as socket:
            first = (await client.get_slot()).value
            pool = Pubkey.from_string(names.default_spec().pools[0].address)
            await socket.account_subscribe(pubkey=pool, commitment=Processed, encoding="base64")
            async with asyncio.timeout(20):
                message = await socket.recv()
            assert message.result.context.slot > first
        assert lines
    finally:
        await running.stop()
    await running.stop()
    for pid in running.pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_start_with_a_bad_world_says_which_file(tmp_path):
    bad = tmp_path / "world" / "accounts"
    bad.mkdir(parents=True)
    (bad / "broken.json").write_text("{")
    with pytest.raises(LocalError) as raised:
        await start(
            workdir=tmp_path / "run", seed=7, slot_ms=200, traffic=False, world=str(bad.parent), progress=lambda _: None
        )
    assert raised.value.code == "X203"
    assert "broken.json" in raised.value.message


async def test_slots_keep_real_time_although_each_takes_most_of_its_time():
    node = Node(Settings(traffic=False, slot_ms=20), start_unix_s=1)
    step, stop = node.step, asyncio.Event()
    node.step = lambda: (time.sleep(0.015), step())
    first, began = node.bank.slot, time.monotonic()
    async with asyncio.TaskGroup() as group:
        group.create_task(node.run(stop))
        await asyncio.sleep(0.6)
        stop.set()
    due = int((time.monotonic() - began) * 1_000 / 20)
    assert due - 8 <= node.bank.slot - first <= due + 1  # without catching up it would be 13 behind
