"""What the client makes of a node's answers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hoploop.errors import PermanentError, TransientError
from hoploop.model.chain import SignedTx
from hoploop_solana._shared.addresses import TOKEN
from hoploop_solana._shared.rpc import JsonRpc
from hoploop_solana._shared.testing import FakeNode, RpcFault, account_json, at_slot, named_key, token_account_data
from hoploop_solana._shared.wire import Wire
from hoploop_solana.solana.client import MENTIONS, SolanaClient
from hoploop_solana.solana.memory import Composed, Memory

OWNER, MINT = named_key("owner"), named_key("mint sol")
TX = SignedTx(chain="sol", id="S1", raw=b"\x01\x02", expires=1_000)
COMPOSED = Composed(mint=str(MINT), account=str(named_key("ata")), pools=("P1", "P2"), slot=90, gain=25)
CONFIRMED = {"slot": 100, "err": None, "confirmations": 1, "confirmationStatus": "confirmed"}


def tokens(amount: int, *, owner: str = str(OWNER), mint: str = str(MINT)) -> dict[str, Any]:
    """One entry of a token-balance list."""
    return {"accountIndex": 3, "mint": mint, "owner": owner, "uiTokenAmount": {"amount": str(amount), "decimals": 9}}


def landed(**meta: object) -> dict[str, Any]:
    """A getTransaction result: gained 25, fee 5 030, tip 1 000."""
    base: dict[str, object] = {
        "err": None, "fee": 5_030, "preBalances": [50_000, 7], "postBalances": [43_970, 7],
        "preTokenBalances": [tokens(100), tokens(5, owner="else")],
        "postTokenBalances": [tokens(125), tokens(1, owner="else")], "computeUnitsConsumed": 12_345,
    }  # fmt: skip
    return {"slot": 100, "blockTime": 1, "transaction": ["", "base64"], "meta": base | meta}


@contextlib.asynccontextmanager
async def client(answers: dict[str, Any], *, knows: bool = True) -> AsyncIterator[tuple[SolanaClient, FakeNode]]:
    """A client of a scripted node; `knows` = this process composed TX."""
    memory, node, wire = Memory(), FakeNode(answers), Wire(timeout_ms=1_000)
    if knows:
        memory.remember(TX.id, COMPOSED)
    async with node.serving() as url:
        yield SolanaClient(JsonRpc(wire, url), OWNER, memory), node
    await wire.close()


def latest(height: int) -> dict[str, Any]:
    """The newest blockhash of a chain at this block height, as of slot 100."""
    return at_slot({"blockhash": "1" * 32, "lastValidBlockHeight": height + 150})


def settled(**more: object) -> dict[str, Any]:
    """Answers of a node on which TX landed and nobody else was near."""
    answers: dict[str, Any] = {
        "getSignatureStatuses": at_slot([CONFIRMED]),
        "getTransaction": landed(),
        "getSignaturesForAddress": [],
    }
    return answers | more


async def test_opening_tells_genesis_slot_and_software() -> None:
    answers = {"getGenesisHash": "G", "getSlot": 5, "getVersion": {"solana-core": "4.1.2", "feature-set": 1}}
    async with client(answers) as (made, _):
        facts = await made.open()
    assert (facts.identity, facts.head.number, facts.client) == ("G", 5, "solana-core 4.1.2")


async def test_a_landed_transaction_is_accounted_to_the_unit() -> None:
    async with client(settled()) as (made, node):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert (outcome.status, outcome.number, outcome.gained, outcome.network_fee) == ("landed", 100, 25, 5_030)
    assert (outcome.tip, outcome.units, outcome.first) == (1_000, 12_345, True)
    assert ("getTransaction", "maxSupportedTransactionVersion") in [(m, list(p[-1])[-1]) for m, p in node.calls if p]


async def test_a_reverted_transaction_gained_nothing_and_paid_its_fee() -> None:
    failed = {"InstructionError": [5, {"Custom": 6}]}
    answers = settled(
        getSignatureStatuses=at_slot([CONFIRMED | {"err": failed}]),
        getTransaction=landed(err=failed, postBalances=[44_970, 7]),
    )
    async with client(answers) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert (outcome.status, outcome.gained, outcome.network_fee, outcome.tip) == ("reverted", 0, 5_030, 0)
    assert outcome.error == '{"InstructionError":[5,{"Custom":6}]}'


async def test_a_processed_transaction_may_still_be_rolled_back() -> None:
    answers = settled(getSignatureStatuses=at_slot([CONFIRMED | {"confirmationStatus": "processed"}]))
    async with client(answers) as (made, _):
        assert await made.outcome(TX) is None


async def test_a_confirmed_transaction_whose_meta_is_not_there_yet_is_asked_again_later() -> None:
    async with client(settled(getTransaction=None)) as (made, _):
        assert await made.outcome(TX) is None


@pytest.mark.parametrize(("height", "expired"), [(999, False), (1_000, False), (1_001, True)])
async def test_a_transaction_expires_only_past_its_last_block(height: int, expired: bool) -> None:
    async with client({"getSignatureStatuses": at_slot([None]), "getLatestBlockhash": latest(height)}) as (made, _):
        outcome = await made.outcome(TX)
    assert (outcome is not None and outcome.status == "expired") is expired


async def test_a_status_from_a_node_that_lags_behind_expires_nothing() -> None:
    answers = {"getSignatureStatuses": at_slot([None], 99), "getLatestBlockhash": latest(2_000)}
    async with client(answers) as (made, _):
        assert await made.outcome(TX) is None


async def test_a_transaction_seen_between_status_and_height_is_not_expired() -> None:
    statuses = [None, CONFIRMED]
    answers = settled(getSignatureStatuses=lambda *_: at_slot([statuses.pop(0)]), getLatestBlockhash=latest(2_000))
    async with client(answers) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert outcome.status == "landed"


async def test_after_a_restart_the_gain_is_the_one_token_that_changed_and_first_is_unknown() -> None:
    async with client(settled(), knows=False) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert (outcome.gained, outcome.first) == (25, None)


async def test_after_a_restart_a_gain_in_two_tokens_is_unknown() -> None:
    both = landed(postTokenBalances=[tokens(125), tokens(9, mint="other")])
    async with client(settled(getTransaction=both), knows=False) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert outcome.gained is None


@pytest.mark.parametrize(
    ("slot", "gained", "first"),
    [(89, 25, True), (89, 24, True), (90, 25, True), (90, 24, False), (91, 25, False), (91, 24, False)],
)
async def test_whether_we_were_first_follows_from_the_last_mover_before_us(slot: int, gained: int, first: bool) -> None:
    mentions = [{"signature": "F", "slot": 99, "err": {"x": 1}}, {"signature": "M", "slot": slot, "err": None}]
    answers = settled(
        getTransaction=landed(postTokenBalances=[tokens(100 + gained)]), getSignaturesForAddress=mentions
    )
    async with client(answers) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert outcome.first is first


@pytest.mark.parametrize(
    "answer",
    [RpcFault({"code": -32601, "message": "Method not found"}), "text", [{"slot": "x"}],
     [{"signature": str(n), "slot": 95, "err": {"x": 1}} for n in range(MENTIONS)]],
)  # fmt: skip
async def test_whether_we_were_first_is_unknown_when_the_node_cannot_tell(answer: object) -> None:
    async with client(settled(getSignaturesForAddress=answer)) as (made, _):
        outcome = await made.outcome(TX)
    assert outcome is not None
    assert outcome.first is None


async def test_a_simulation_with_balances_takes_one_call() -> None:
    result = {
        "err": None, "logs": ["a"], "unitsConsumed": 17_000, "preTokenBalances": [tokens(100)],
        "postTokenBalances": [tokens(140)],
    }  # fmt: skip
    async with client({"simulateTransaction": at_slot(result)}) as (made, node):
        simulation = await made.simulate(TX)
    assert (simulation.ok, simulation.gained, simulation.units, simulation.logs) == (True, 40, 17_000, ("a",))
    assert len(node.calls) == 1
    options = node.calls[0][1][1]
    assert (options["sigVerify"], options["replaceRecentBlockhash"], options["accounts"]["addresses"]) == (
        False, False, [COMPOSED.account],
    )  # fmt: skip


def _held(*amounts: int) -> Any:
    queue = list(amounts)
    return lambda *_: at_slot([account_json(TOKEN, token_account_data(MINT, OWNER, queue.pop(0)))])


def _leaves(amount: int) -> Any:
    account = account_json(TOKEN, token_account_data(MINT, OWNER, amount))
    return at_slot({"err": None, "logs": [], "unitsConsumed": 1, "accounts": [account]})


async def test_a_simulation_without_balances_compares_with_what_the_wallet_holds() -> None:
    answers = {"simulateTransaction": _leaves(140), "getMultipleAccounts": _held(100, 100)}
    async with client(answers) as (made, _):
        assert (await made.simulate(TX)).gained == 40


async def test_a_wallet_that_changes_during_the_simulation_makes_its_gain_unknown() -> None:
    answers = {"simulateTransaction": _leaves(140), "getMultipleAccounts": _held(100, 120)}
    async with client(answers) as (made, _):
        simulation = await made.simulate(TX)
    assert (simulation.ok, simulation.gained) == (True, None)


async def test_a_failing_simulation_says_why_and_gains_nothing() -> None:
    result = {"err": {"InstructionError": [4, {"Custom": 1}]}, "logs": None, "unitsConsumed": 9, "accounts": None}
    async with client({"simulateTransaction": at_slot(result)}) as (made, _):
        simulation = await made.simulate(TX)
    assert (simulation.ok, simulation.gained, simulation.units) == (False, None, 9)
    assert simulation.error == '{"InstructionError":[4,{"Custom":1}]}'


@pytest.mark.parametrize(
    "result",
    [None, [], {"err": None, "logs": "x"}, {"err": None, "unitsConsumed": -1}, {"preTokenBalances": [{}]},
     {"preTokenBalances": [tokens(1) | {"uiTokenAmount": {"amount": "-1"}}]}, {"accounts": [{"data": 1}]}],
)  # fmt: skip
async def test_a_simulation_of_another_shape_is_a_permanent_error(result: object) -> None:
    async with client({"simulateTransaction": at_slot(result)}) as (made, _):
        with pytest.raises(PermanentError):
            await made.simulate(TX)


@pytest.mark.parametrize("answer", [at_slot([]), at_slot([None, None]), at_slot(None), at_slot([{"slot": -1}]), []])
async def test_a_status_of_another_shape_is_never_taken_for_an_outcome(answer: object) -> None:
    async with client({"getSignatureStatuses": answer, "getLatestBlockhash": latest(5_000)}) as (made, _):
        with pytest.raises(PermanentError):
            await made.outcome(TX)


async def test_a_node_that_is_behind_gives_no_outcome() -> None:
    behind = RpcFault({"code": -32005, "message": "Node is behind by 42 slots"})
    async with client({"getSignatureStatuses": behind}) as (made, _):
        with pytest.raises(TransientError):
            await made.outcome(TX)


async def test_balances_are_lamports_or_the_owners_token_account() -> None:
    answers = {"getBalance": at_slot(11), "getMultipleAccounts": _held(22)}
    async with client(answers) as (made, _):
        assert [await made.balance(""), await made.balance(str(MINT))] == [11, 22]


async def test_a_wallet_without_a_token_account_holds_nothing() -> None:
    async with client({"getMultipleAccounts": at_slot([None])}) as (made, _):
        assert await made.balance(str(MINT)) == 0


def test_memory_forgets_the_oldest_first() -> None:
    memory = Memory(capacity=2)
    for name in ("a", "b", "c"):
        memory.remember(name, COMPOSED)
    assert [memory.recall(name) is not None for name in ("a", "b", "c")] == [False, True, True]
