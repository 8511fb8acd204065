"""What the client makes of a node's answers: opening, simulating, settling, balances."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from evm_fakes import EXECUTOR, OWNER, USDC, Failure, FakeNode, block, config, word

from hoploop.errors import ConnectorError, DecodeError, TransientError
from hoploop.model.chain import SignedTx
from hoploop_evm._shared.executor import EXECUTED
from hoploop_evm._shared.rpc import Rpc
from hoploop_evm._shared.words import selector, uint
from hoploop_evm.evm.client import EvmClient
from hoploop_evm.evm.view import ChainView, Flight

POOL = "0x" + "0a" * 20
TOPIC = "0x" + "0b" * 32
DOOR = bytes.fromhex("0a" * 20 + "0b" * 32)
TX = SignedTx(chain="eth", id=word(0xABC), raw=b"\x02\x01", expires=105, nonce=4)
CALL = {"from": OWNER, "to": EXECUTOR, "gas": "0x10000", "input": "0x01"}


class Bench:
    """A client and the node it talks to."""

    def __init__(self, node: FakeNode, client: EvmClient, view: ChainView) -> None:
        self.node, self.client, self.view = node, client, view


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    node, view = FakeNode(), ChainView()
    view.saw(100, 5000)
    view.departs(TX.id, Flight(nonce=4, seq=99 << 20 | 7, doors=frozenset({DOOR}), call=CALL))
    async with node.ipc(tmp_path) as endpoint:
        client = EvmClient(config(), OWNER, Rpc(endpoint, timeout_ms=300), view)
        yield Bench(node, client, view)
        await client.close()


def receipt(status: int = 1, number: int = 102) -> dict[str, Any]:
    """A mined receipt that paid 2 wei a gas and earned 55."""
    event = {
        "address": EXECUTOR,
        "topics": ["0x" + EXECUTED.hex(), word(1), word(2)],
        "data": "0x" + (uint(55) * 2).hex(),
    }
    return {
        "blockNumber": hex(number),
        "transactionIndex": "0x1",
        "gasUsed": hex(1000),
        "effectiveGasPrice": "0x2",
        "status": hex(status),
        "logs": [event] if status else [],
    }


def moved(number: int, index: int, transaction: int, address: str = POOL, topic: str = TOPIC) -> dict[str, Any]:
    """A log of a pool, by its place in the block and the place of its transaction."""
    return {
        "address": address, "topics": [topic], "data": "0x", "blockNumber": hex(number), "logIndex": hex(index),
        "transactionIndex": hex(transaction),
    }  # fmt: skip


def chain_says(bench: Bench, *, head: int = 102, count: int = 4, known: Any = None, mined: Any = None) -> None:
    bench.node.answers |= {
        "eth_blockNumber": hex(head),
        "eth_getTransactionCount": hex(count),
        "eth_getTransactionByHash": known,
        "eth_getTransactionReceipt": mined,
        "eth_getLogs": [],
    }


async def test_open_tells_who_is_there(bench: Bench) -> None:
    bench.node.answers |= {
        "eth_chainId": "0x7a69", "eth_getBlockByNumber": block(7), "web3_clientVersion": "anvil\nx",
    }  # fmt: skip
    facts = await bench.client.open()
    assert (facts.identity, facts.head.number, facts.client) == ("31337", 7, "anvil x")
    assert bench.view.head == 7


@pytest.mark.parametrize("answer", [None, "7", 7, "0x", {"number": "0x1"}])
async def test_open_refuses_garbage(bench: Bench, answer: Any) -> None:
    bench.node.answers |= {
        "eth_chainId": answer, "eth_getBlockByNumber": answer, "web3_clientVersion": "x",
    }  # fmt: skip
    with pytest.raises(ConnectorError):
        await bench.client.open()


async def test_simulation_runs_in_the_next_block_without_a_nonce(bench: Bench) -> None:
    result = {"gasUsed": "0x10", "status": "0x1", "returnData": word(77)}
    bench.node.answers["eth_simulateV1"] = [{"calls": [result]}]
    simulation = await bench.client.simulate(TX)
    assert (simulation.ok, simulation.units, simulation.gained) == (True, 16, 77)
    request, at = bench.node.requests[-1]["params"]
    assert request["blockStateCalls"][0]["blockOverrides"] == {"number": hex(101), "time": hex(5001)}
    assert request["blockStateCalls"][0]["calls"] == [CALL]
    assert (request["validation"], at) == (True, "latest")


async def test_a_simulated_revert_says_why(bench: Bench) -> None:
    raw = selector("Unprofitable(uint256,uint256)") + uint(1) + uint(2)
    result = {"gasUsed": "0x10", "status": "0x0", "returnData": "0x" + raw.hex(), "error": {"message": "x"}}
    bench.node.answers["eth_simulateV1"] = [{"calls": [result]}]
    simulation = await bench.client.simulate(TX)
    assert (simulation.ok, simulation.error) == (False, "Unprofitable(1, 2)")


async def test_a_transaction_no_block_could_hold_fails_simulation(bench: Bench) -> None:
    bench.node.answers["eth_simulateV1"] = Failure(-38014, "insufficient funds")
    simulation = await bench.client.simulate(TX)
    assert (simulation.ok, simulation.error) == (False, "insufficient funds")


async def test_a_node_ahead_of_us_is_asked_for_its_own_next_block(bench: Bench) -> None:
    ahead = bench.view.head + 3

    def answer(request: dict[str, Any], _: str) -> Any:
        if request["blockStateCalls"][0]["blockOverrides"]["number"] != hex(ahead + 1):
            return Failure(-38020, "block numbers must be in order")
        return [{"calls": [{"gasUsed": "0x10", "status": "0x1", "returnData": word(77)}]}]

    bench.node.answers |= {"eth_simulateV1": answer, "eth_getBlockByNumber": block(ahead)}
    assert (await bench.client.simulate(TX)).gained == 77


async def test_without_simulate_v1_a_call_and_an_estimate_answer(bench: Bench) -> None:
    bench.node.answers |= {"eth_call": word(66), "eth_estimateGas": "0x20"}
    simulation = await bench.client.simulate(TX)
    assert (simulation.ok, simulation.units, simulation.gained) == (True, 32, 66)
    await bench.client.simulate(TX)
    assert bench.node.methods().count("eth_simulateV1") == 1


async def test_without_simulate_v1_a_revert_still_says_why(bench: Bench) -> None:
    raw = "0x" + (selector("Expired(uint256)") + uint(9)).hex()
    bench.node.answers |= {"eth_call": Failure(3, "execution reverted", raw), "eth_estimateGas": "0x20"}
    assert (await bench.client.simulate(TX)).error == "Expired(9)"


@pytest.mark.parametrize("answer", [[], {}, "x", [{"calls": []}], [{"calls": [{"gasUsed": "0x1"}]}], None])
async def test_a_misshapen_simulation_is_an_error_not_a_success(bench: Bench, answer: Any) -> None:
    bench.node.answers["eth_simulateV1"] = answer
    with pytest.raises(DecodeError):
        await bench.client.simulate(TX)


async def test_a_transaction_of_another_process_cannot_be_simulated(bench: Bench) -> None:
    other = SignedTx(chain="eth", id=word(1), raw=b"", expires=0)
    with pytest.raises(TransientError):
        await bench.client.simulate(other)


async def test_a_landed_transaction_is_accounted_for(bench: Bench) -> None:
    chain_says(bench, mined=receipt())
    outcome = await bench.client.outcome(TX)
    assert outcome is not None
    assert (outcome.status, outcome.number, outcome.gained) == ("landed", 102, 55)
    assert (outcome.network_fee, outcome.units, outcome.first) == (2000, 1000, True)


@pytest.mark.parametrize(
    ("logs", "first"),
    [
        ([moved(99, 7, 0)], True),  # the quotes rest on it
        ([moved(99, 8, 0)], False),
        ([moved(102, 0, 0), moved(102, 1, 1)], False),
        ([moved(102, 1, 1), moved(102, 2, 2)], True),  # after us
        ([moved(101, 0, 0, topic="0x" + "0c" * 32)], True),  # another event
    ],
)
@pytest.mark.parametrize("status", [0, 1])
async def test_it_knows_whether_somebody_was_first(bench: Bench, logs: list[Any], first: bool, status: int) -> None:
    chain_says(bench, mined=receipt(status))
    bench.node.answers["eth_call"] = "0x"
    bench.node.answers["eth_getLogs"] = logs
    outcome = await bench.client.outcome(TX)
    assert outcome is not None
    assert outcome.first is first


async def test_after_a_restart_it_does_not_know_who_was_first(bench: Bench) -> None:
    bench.view.ends(TX.id)
    chain_says(bench, mined=receipt())
    outcome = await bench.client.outcome(TX)
    assert outcome is not None
    assert (outcome.status, outcome.gained, outcome.first) == ("landed", 55, None)


async def test_a_revert_pays_its_fee_and_says_why(bench: Bench) -> None:
    chain_says(bench, mined=receipt(status=0))
    raw = "0x" + (selector("NotACycle()")).hex()
    bench.node.answers["eth_call"] = Failure(3, "execution reverted", raw)
    outcome = await bench.client.outcome(TX)
    assert outcome is not None
    assert (outcome.status, outcome.network_fee, outcome.error) == ("reverted", 2000, "NotACycle()")
    assert bench.node.requests[-1]["params"][1] == hex(101)


async def test_a_revert_past_the_deadline_needs_no_question(bench: Bench) -> None:
    chain_says(bench, mined=receipt(status=0, number=106))
    outcome = await bench.client.outcome(TX)
    assert outcome is not None
    assert outcome.error == "Expired(105)"


@pytest.mark.parametrize(
    ("head", "count", "known", "status"),
    [
        (105, 4, None, None),  # its last block may be the next one
        (106, 4, None, "expired"),
        (106, 4, {"hash": TX.id}, None),  # a node still holds it
        (103, 5, None, "expired"),  # another transaction took its nonce
        (103, 4, {"hash": TX.id}, None),
    ],
)
async def test_it_expires_only_when_it_never_can_land(
    bench: Bench, head: int, count: int, known: Any, status: str | None
) -> None:
    chain_says(bench, head=head, count=count, known=known)
    outcome = await bench.client.outcome(TX)
    assert (None if outcome is None else outcome.status) == status


async def test_the_receipt_is_asked_for_after_the_head(bench: Bench) -> None:
    chain_says(bench)
    await bench.client.outcome(TX)
    methods = bench.node.methods()
    assert methods.index("eth_getTransactionReceipt") > methods.index("eth_blockNumber")


@pytest.mark.parametrize("mined", ["x", {}, {"blockNumber": "0x1"}, [1]])
async def test_a_misshapen_receipt_settles_nothing(bench: Bench, mined: Any) -> None:
    chain_says(bench, mined=mined)
    with pytest.raises(DecodeError):
        await bench.client.outcome(TX)


async def test_balances_are_the_signers_coin_and_the_executors_tokens(bench: Bench) -> None:
    bench.node.answers |= {"eth_getBalance": "0x5", "eth_call": word(6)}
    assert await bench.client.balance("") == 5
    assert await bench.client.balance(USDC) == 6
    assert EXECUTOR[2:] in bench.node.requests[-1]["params"][0]["data"]
