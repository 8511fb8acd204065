"""A tape gives back exactly what was recorded, in the order it was asked for."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import msgspec
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from repository import ROOT, first_party, inspect_recipe

from hoploop.errors import GateClosed, RecipeError
from hoploop.local.keys import local_seed
from hoploop.rehearsal.node import Replay, TapedNode, compressed
from hoploop.rehearsal.play import play
from hoploop.rehearsal.stage import DryGate
from hoploop.rehearsal.tape import MAX_BYTES, Answer, MarketTape, read_tape, tape_path, write_tape

RECIPE = ROOT / "recipes" / "paper" / "solana_flash.yaml"
_ANSWERS = st.builds(Answer, method=st.sampled_from("ab"), params=st.sampled_from([[], [1]]), result=st.integers(0, 2))


@given(st.lists(_ANSWERS, max_size=12))
async def test_a_compressed_tape_answers_like_the_original(answers: list[Answer]) -> None:
    replay = Replay(compressed(answers))
    for answer in answers:
        assert (await replay.ask(answer.method, answer.params)).result == answer.result


async def test_the_last_answer_is_given_ever_after() -> None:
    replay = Replay((Answer(method="a", params=[], result=1), Answer(method="a", params=[], result=2)))
    assert [(await replay.ask("a", [])).result for _ in range(4)] == [1, 2, 2, 2]


async def test_a_question_that_was_never_asked_is_an_error_and_remembered() -> None:
    replay = Replay(())
    assert (await replay.ask("a", [])).error["code"] == -32601
    assert replay.missing == ["a"]


async def test_the_node_speaks_http_and_websocket() -> None:
    replay = Replay((Answer(method="a", params=[], result=7),))
    body = orjson.dumps({"jsonrpc": "2.0", "id": 3, "method": "a", "params": []})
    async with TapedNode(replay.ask) as node, aiohttp.ClientSession() as session:
        url = f"127.0.0.1:{node.port}"
        async with session.post(f"http://{url}", data=body) as response:
            over_http = await response.json()
        async with session.ws_connect(f"ws://{url}") as socket:
            await socket.send_str(body.decode())
            over_socket = await socket.receive_json()
    assert over_http == over_socket == {"jsonrpc": "2.0", "id": 3, "result": 7}


def test_a_tape_survives_writing_and_reading(tmp_path: Path) -> None:
    tape = read_tape(tape_path(RECIPE))
    write_tape(tmp_path / "x.market.json", tape)
    assert read_tape(tmp_path / "x.market.json") == tape


def test_a_tape_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.market.json"
    path.write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(RecipeError, match="larger than"):
        read_tape(path)


@pytest.mark.parametrize("path", sorted((ROOT / "recipes").rglob("*.market.json")), ids=lambda path: path.stem)
def test_a_tape_holds_no_key(path: Path) -> None:
    text = path.read_text("utf-8")
    for label in ("evm/executor", "evm/owner", "evm/relay_identity", "solana/executor"):
        assert local_seed(label).hex() not in text


async def test_a_tape_without_the_chain_is_refused() -> None:
    plan = inspect_recipe(RECIPE).plan
    assert plan is not None
    with pytest.raises(RecipeError, match="no chain 'sol'"):
        await play(plan, MarketTape(recipe="x", chains={}), first_party())


async def test_a_tape_that_lacks_answers_names_them() -> None:
    plan = inspect_recipe(RECIPE).plan
    assert plan is not None
    tape = read_tape(tape_path(RECIPE))
    short = msgspec.structs.replace(tape.chains["sol"], answers=tape.chains["sol"].answers[:1])
    with pytest.raises(RecipeError, match="not on the tape") as caught:
        await play(plan, msgspec.structs.replace(tape, chains={"sol": short}), first_party())
    assert caught.value.code == "R411"


def test_the_gate_of_a_rehearsal_never_opens() -> None:
    with pytest.raises(GateClosed):
        DryGate().permit()
