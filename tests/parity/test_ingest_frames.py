"""Frames decoded by the native module and by the Python feeds become the same updates."""

from __future__ import annotations

import base64
import json

import orjson
import pytest
import zstandard
from frames_kit import ACCOUNTS, PAIR, account, log
from hot_kit import amm_account, slot8, sync
from hypothesis import given
from hypothesis import strategies as st

from hoploop.errors import DecodeError
from hoploop.hot import HotError, Ingest, Market
from hoploop.plugin.kinds import Updates
from hoploop_evm.evm.feed import _Session
from hoploop_evm.evm.view import ChainView
from hoploop_solana._shared.testing import named_key
from hoploop_solana.solana.frames import Subscriptions

STRICTER = {"escape", "duplicate", "depth", "range", "utf8"}
"""Reasons for which the native decoder refuses what the Python feeds would take."""
Update = tuple[bytes, int, bytes]


def native(frames: list[bytes]) -> tuple[list[str], list[Update]]:
    """What became of each frame, and what waits."""
    ingest = Ingest([], [*ACCOUNTS, PAIR], 64)
    for number, key in enumerate(ACCOUNTS, start=71):
        ingest.subscribe(number, key)
    return [ingest.push_frame(frame) for frame in frames], ingest.take()


def solana_feed(frames: list[bytes]) -> list[Update]:
    """The updates of the Python feed."""
    feed = Subscriptions(ACCOUNTS, 0)
    feed.take([json.dumps({"id": number, "result": 70 + number}) for number in range(3)], 0)
    events = [event for frame in frames for event in feed.take([frame], 0)]
    return [(item.key, item.seq, item.data) for event in events if isinstance(event, Updates) for item in event.items]


def evm_feed(frame: bytes) -> list[Update] | None:
    """The updates of the Python feed; None when it cannot understand the frame."""
    view = ChainView()
    view.saw(2**256, 0)  # a block's time is read with the first log of its block only, and not by the native decoder
    session = _Session("ws://127.0.0.1:1", frozenset([PAIR]), 100, lambda: 0, view)
    try:
        message = orjson.loads(frame)
        if not isinstance(message, dict) or message.get("method") != "eth_subscription":
            return []
        session._notice(message)
        events = session._drained()
    except (orjson.JSONDecodeError, DecodeError):
        return None
    return [(item.key, item.seq, item.data) for event in events if isinstance(event, Updates) for item in event.items]


@st.composite
def mutated(draw: st.DrawFn, text: str) -> bytes:
    """The text with a few of its bytes replaced, removed or doubled, or cut off."""
    frame = bytearray(text.encode())
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(frame) - 1))
        replaced = draw(
            st.sampled_from([b"", b'"', b"0", b"-1", b"{", b"]", b"\\", b",", b"=", b"\xc3", bytes(frame[at : at + 5])])
        )
        frame[at : at + draw(st.integers(0, 2))] = replaced
    return bytes(frame[: draw(st.sampled_from([len(frame), len(frame) - 1]))])


@given(
    st.lists(st.builds(account, st.binary(max_size=300), st.integers(0, 90), st.sampled_from([71, 72])), max_size=90)
)
def test_account_notifications_become_the_same_updates(texts: list[str]) -> None:
    frames = [text.encode() for text in texts][:64]
    codes, updates = native(frames)
    assert codes == ["kept"] * len(frames)
    assert updates == sorted(solana_feed(frames), key=lambda item: item[1])


@given(st.builds(log, st.binary(max_size=300), st.integers(0, 2**44 - 1), st.integers(0, 2**20 - 1)))
def test_logs_become_the_same_updates(text: str) -> None:
    codes, updates = native([text.encode()])
    assert codes == ["kept"]
    assert updates == evm_feed(text.encode())


@given(mutated(account(b"0123456789")))
def test_a_mutated_account_notification_is_decoded_alike_or_refused_alike(frame: bytes) -> None:
    ((code,), updates), expected = native([frame]), solana_feed([frame])
    if code == "kept":
        assert updates == expected
    elif code == "base64" and expected:
        written = b'"%s"' % base64.b64encode(expected[0][2])
        assert written not in frame  # Python lets padding pass that does not belong there
    elif code not in STRICTER | {"other"}:
        assert expected == []


@given(mutated(log()))
def test_a_mutated_log_is_decoded_alike_or_refused_alike(frame: bytes) -> None:
    ((code,), updates), expected = native([frame]), evm_feed(frame)
    if code in {"kept", "unwatched", "other"}:
        assert updates == (expected or [])
    elif code not in STRICTER | {"removed"}:
        assert not expected


def test_a_log_whose_time_is_no_number_is_the_readers_matter() -> None:
    assert native([log(blockTimestamp="soon").encode()])[0] == ["kept"]


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (account(encoding="base64+zstd"), "zstd"),
        (account(encoding="jsonParsed"), "encoding"),
        (account(subscription=70), "other"),
        ('{"jsonrpc":"2.0","method":"slotNotification","params":{"subscription":70,"result":{"slot":5}}}', "other"),
        ('{"jsonrpc":"2.0","id":1,"result":71}', "other"),
        (log(address="0x" + "55" * 20), "unwatched"),
        (log(topics=[]), "unwatched"),
        (log(removed=True), "removed"),
        (log(logIndex="0x100000"), "range"),
        (log(address="0x0"), "hex"),
        ("[" * 100_000, "shape"),
        ('{"a":' + "[" * 100_000, "depth"),
        ("", "json"),
    ],
)
def test_what_is_not_kept_has_a_reason(frame: str, code: str) -> None:
    assert native([frame.encode()]) == ([code], [])


@given(st.binary(max_size=3_000), st.integers(1, 19), st.booleans())
def test_packed_accounts_become_the_same_updates(data: bytes, level: int, streamed: bool) -> None:
    packer = zstandard.ZstdCompressor(level=level, write_content_size=not streamed)
    frame = account(packer.compress(data), encoding="base64+zstd").encode()
    assert native([frame]) == (["kept"], solana_feed([account(data).encode()]))


def test_an_owned_account_begins_with_its_owner() -> None:
    ingest = Ingest([], [], 1, [ACCOUNTS[0]])
    ingest.subscribe(71, ACCOUNTS[0])
    assert ingest.push_frame(account(b"data")) == "kept"
    assert ingest.take() == [(ACCOUNTS[0], 5 << 20 | 1, bytes(named_key("program")) + b"data")]


def test_text_and_bytes_are_the_same_frame() -> None:
    ingest = Ingest([PAIR], [], 1)
    assert (ingest.push_frame(log()), ingest.push_frame(log(index=3).encode())) == ("kept", "kept")
    assert [seq for _, seq, _ in ingest.take()] == [5 << 20 | 3]
    assert ingest.replaced == 1


def test_a_full_queue_stops_the_market_until_its_gap_is_known() -> None:
    ingest = Ingest([], [PAIR], 1)
    assert [ingest.push_frame(log(index=index)) for index in range(2)] == ["kept", "lost"]
    with pytest.raises(HotError, match="gaps"):
        ingest.take()
    assert (ingest.gaps(), ingest.gaps(), ingest.lost) == ([PAIR], [], 1)
    assert [seq for _, seq, _ in ingest.take()] == [5 << 20]


def test_wrong_wiring_is_said() -> None:
    with pytest.raises(HotError, match="twice"):
        Ingest([PAIR], [PAIR], 1)
    with pytest.raises(HotError, match="unknown door"):
        Ingest([PAIR], [], 1).subscribe(1, b"x")
    with pytest.raises(HotError, match="capacity"):
        Ingest([], [], -1)


def test_a_lost_connection_leaves_nothing_behind() -> None:
    ingest = Ingest([ACCOUNTS[0], PAIR], [], 1)
    ingest.subscribe(71, ACCOUNTS[0])
    assert [ingest.push_frame(frame) for frame in (account(), log())] == ["kept", "kept"]
    ingest.reset()
    assert (ingest.take(), ingest.push_frame(account())) == ([], "other")


def test_draining_is_a_batch_of_the_market() -> None:
    pair, key = PAIR, ACCOUNTS[0]
    ingest, market = Ingest([pair, key], [], 1), _market(pair, key)
    ingest.subscribe(71, key)
    ingest.push_frame(log(index=1, topics=["0x" + pair[20:].hex()]))
    ingest.push_frame(log(sync(10**9, 10**6), index=2, topics=["0x" + pair[20:].hex()]))
    ingest.push_frame(account(amm_account(10**6, 10**6)))
    drained = ingest.drain(market)
    told = _market(pair, key)
    batch = told.on_batch([(key, 5 << 20 | 1, amm_account(10**6, 10**6)), (pair, 5 << 20 | 2, sync(10**9, 10**6))])
    assert (drained.applied, drained.refused) == (batch.applied, batch.refused) == (2, [])
    assert [found.net for found in drained.candidates] == [found.net for found in batch.candidates] != []
    assert [market.pool_state(pool) for pool in (0, 1)] == [told.pool_state(pool) for pool in (0, 1)]
    assert ingest.drain(market).applied == 0


def _market(pair: bytes, key: bytes) -> Market:
    market = Market()
    market.add_asset("a")
    market.add_asset("b")
    market.add_pool("v2", "constant_product", "uniswap_v2", 0, 1, 3, 1000, 0, 1, [pair])
    market.add_pool("amm", "constant_product_fee_first", "hoploop_amm", 0, 1, 3, 1000, 0, 1, [key])
    market.set_fees(0, 0, 0, 1)
    market.add_search("s", 0, [0, 1], [], 2, 2, 2**127, 1, 0, 1, 0, 0, 8)
    market.seal()
    market.set_own_capital(0, 2**127)
    for pool, snapshot in enumerate([slot8(10**6, 10**6), amm_account(10**6, 10**6)]):
        market.load(pool, 0, snapshot)
    return market
