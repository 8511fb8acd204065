"""From a frame on a loopback socket to signed bytes, beside the floors of the same machine in the same run; JSON lines.

A child process writes one frame after the other and notes when in shared memory. Every other frame makes a cycle pay; a
sample ends with the signed transaction. What it takes to wake up (`floor_epoll`), to read while spinning
(`floor_busy`) and to sign (`sign`) is measured the same way.
"""

from __future__ import annotations

import base64
import hashlib
import mmap
import os
import selectors
import socket
import struct
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import uvloop
from peers.measure import line

from hoploop.hot import Market, SolanaSigner, SolanaTemplate
from hoploop.plugin.ingest import Ask, ReaderLost, Wakes
from hoploop.plugin.kinds import FeedEvent, Gap, Updates
from hoploop.runtime.ingest import NativeIngest
from hoploop_solana._shared.testing import account_json
from hoploop_solana.solana.feed import SolanaFeed
from hoploop_solana.solana.sources import PythonSource

WHO = "hoploop_python"
QUICK = bool(os.environ.get("HOPLOOP_BENCH_QUICK"))
COUNT, WARM, PAUSE_S = (600 if QUICK else 2_000), 100, 0.001
DOORS = [bytes([number]) * 32 for number in (1, 2)]
KEY = SolanaSigner(bytes(range(1, 33)))
DEEP = 10**15


class Trade:
    """Two pools of one pair, a search that starts from own funds, and the template of its transaction."""

    def __init__(self) -> None:
        self.market = Market()
        wrapped, other = self.market.add_asset("wrapped"), self.market.add_asset("other")
        pools = [
            self.market.add_pool(
                f"p{at}", "constant_product", "hoploop_amm", wrapped, other, 3, 1000, 0, 100_000, [door]
            )
            for at, door in enumerate(DOORS)
        ]
        search = self.market.add_search("s", wrapped, pools, [], 2, 2, DEEP, 1, 0, 1, 0, 0, 64)
        self.market.set_own_capital(search, DEEP)
        self.market.set_fees(5_000, 0, 0, 1)
        self.market.seal()
        for pool in pools:
            assert self.market.load(pool, 1, _account(0))
        data = b"\x01" + bytes(16)
        header = b"\x80\x01\x00\x01\x02" + KEY.public + b"\x07" * 32 + b"\x09" * 32
        message = header + b"\x01\x01\x01\x00" + bytes([len(data)]) + data + b"\x00"
        self.template = SolanaTemplate(message, [(0, 1, 16)])
        self.signed = b""

    def signs(self, batch: object) -> int:
        """Sign the best of a batch; the number of the frame it rests on, -1 without any."""
        if not batch.candidates:  # type: ignore[attr-defined]
            return -1
        best = batch.candidates[0]  # type: ignore[attr-defined]
        amounts = best.amount_in.to_bytes(8, "little") + best.net.to_bytes(8, "little")
        self.signed = self.template.sign(KEY, b"\x08" * 32, [amounts])[1]
        return (best.seq >> 20) - 2


def _account(number: int) -> bytes:
    head = b"HOPAMM01" + (3).to_bytes(4, "little") + (1000).to_bytes(4, "little") + bytes([255]) + bytes(7)
    moved = DEEP + (number % 2) * DEEP // 20
    return head + bytes(128) + b"".join(n.to_bytes(8, "little") for n in (moved, DEEP, 0))


def _frames() -> list[bytes]:
    """Every other one makes a cycle pay, the one between ends that: each is worth looking at."""
    import orjson

    texts = []
    for number in range(COUNT):
        value = account_json("11111111111111111111111111111111", _account(number + 1))
        result = {"context": {"slot": number + 2}, "value": value | {"executable": False, "rentEpoch": 0}}
        params = {"result": result, "subscription": 71}
        texts.append(orjson.dumps({"jsonrpc": "2.0", "method": "accountNotification", "params": params}))
    return texts


@contextmanager
def node(kind: str) -> Iterator[tuple[str, Callable[[int], int]]]:
    """A server in a process of its own; its endpoint, and when it wrote each frame."""
    shared = mmap.mmap(-1, 8 * COUNT)
    with tempfile.TemporaryDirectory() as folder:
        listener = socket.socket(socket.AF_UNIX if kind == "ipc" else socket.AF_INET)
        path = str(Path(folder) / "node.ipc")
        listener.bind(path if kind == "ipc" else ("127.0.0.1", 0))
        listener.listen(1)
        endpoint = f"ipc:{path}" if kind == "ipc" else f"ws://127.0.0.1:{listener.getsockname()[1]}"
        child = os.fork()
        if child == 0:
            try:
                _serve(listener, kind, shared)
            finally:
                os._exit(0)
        listener.close()
        try:
            yield endpoint, lambda number: struct.unpack_from("<Q", shared, 8 * number)[0]
        finally:
            os.kill(child, 9)
            os.waitpid(child, 0)


def _serve(listener: socket.socket, kind: str, shared: mmap.mmap) -> None:
    _pin(0)
    opened, _ = listener.accept()
    if kind != "ipc":
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if kind == "ws":
        request = b""
        while b"\r\n\r\n" not in request:
            request += opened.recv(4096)
        key = next(row for row in request.split(b"\r\n") if row.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(
            hashlib.sha1(key.split(b":")[1].strip() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        )
        opened.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
    if kind in ("ws", "ipc"):
        time.sleep(0.2)  # both requests are here, masked; nobody reads them
        opened.sendall(_framed(kind, b'{"jsonrpc":"2.0","id":0,"result":70}'))
        opened.sendall(_framed(kind, b'{"jsonrpc":"2.0","id":1,"result":71}'))
    time.sleep(0.3)
    for number, frame in enumerate(_frames()):
        whole = _framed(kind, frame)
        time.sleep(PAUSE_S)
        struct.pack_into("<Q", shared, 8 * number, time.monotonic_ns())
        opened.sendall(whole)
    time.sleep(0.5)


def _framed(kind: str, payload: bytes) -> bytes:
    if kind != "ws":
        return payload + b"\n"
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2, "big")
    return b"\x81" + size + payload


def floor(busy: bool) -> Iterator[int]:
    """A bare socket: awake with the frame's bytes in hand."""
    with node("tcp") as (endpoint, wrote), socket.socket() as bare:
        bare.connect(("127.0.0.1", int(endpoint.rpartition(":")[2])))
        bare.setblocking(False)
        waits = selectors.DefaultSelector()
        waits.register(bare, selectors.EVENT_READ)
        number = 0
        while number < COUNT:
            if not busy:
                waits.select()
            try:
                got = bare.recv(1 << 16)
            except BlockingIOError:
                continue
            now = time.monotonic_ns()
            number += got.count(b"\n")
            if number <= COUNT:
                yield now - wrote(number - 1)


def ask(endpoint: str, busy: bool) -> Ask:
    """Subscribe to the first pool's account."""
    texts = ('{"id":0,"method":"slotSubscribe"}', '{"id":1,"method":"accountSubscribe"}')
    return Ask(
        endpoint=endpoint, requests=texts, whole=(DOORS[0],), expects={1: DOORS[0]}, busy_poll=busy,
        timeout_ms=5_000, max_frame=1 << 20,
    )  # fmt: skip


async def slept(kind: str, busy: bool) -> list[int]:
    """As the engine does it: the event loop sleeps until the reader's file wakes it."""
    trade, took = Trade(), []
    with node(kind) as (endpoint, wrote), Wakes(NativeIngest().read(ask(endpoint, busy))) as wakes:
        while True:
            try:
                await wakes.next(1)
            except (TimeoutError, ReaderLost):
                return took
            if (number := trade.signs(wakes.reading.drain(trade.market).batch)) >= 0:
                took.append(time.monotonic_ns() - wrote(number))
                if number >= COUNT - 2:
                    return took


def spun(kind: str) -> list[int]:
    """Nobody sleeps: the caller spins on the socket, natively."""
    from hoploop.hot import Ingest, Reader

    trade, took = Trade(), []
    ingest = Ingest([DOORS[0]], [], 0)
    ingest.expect(1, DOORS[0])
    with node(kind) as (endpoint, wrote):
        _pin(1)
        asked = ask(endpoint, False)
        reader = Reader(
            ingest, endpoint, asked.requests, busy_poll=False, quiet_us=0, timeout_ms=5_000, max_frame=1 << 20
        )
        while True:
            if not reader.wait(1_000, True) or reader.ended:
                return took
            reader.look()
            if (number := trade.signs(ingest.drain(trade.market))) >= 0:
                took.append(time.monotonic_ns() - wrote(number))
                if number >= COUNT - 2:
                    reader.stop()
                    return took


async def in_python(kind: str) -> list[int]:
    """The feed in Python, without gathering."""
    trade, took = Trade(), []
    with node(kind) as (endpoint, wrote):
        _pin(1)
        feed = SolanaFeed(
            PythonSource(endpoint, silence_ms=5_000, gather_ms=0, clock_ns=time.monotonic_ns)
        )
        events: AsyncIterator[FeedEvent]
        async with aclosing(feed.stream([DOORS[0]])) as events:
            async for event in events:
                if took and isinstance(event, Gap):
                    return took
                if isinstance(event, Updates) and (number := trade.signs(trade.market.on_batch(event.items))) >= 0:
                    took.append(time.monotonic_ns() - wrote(number))
                    if number >= COUNT - 2:
                        return took
    return took


def signing() -> Iterator[int]:
    """Fill and sign alone."""
    trade = Trade()
    for number in range(COUNT):
        start = time.perf_counter_ns()
        trade.template.sign(KEY, b"\x08" * 32, [number.to_bytes(16, "little")])
        yield time.perf_counter_ns() - start


def _pin(core: int) -> None:
    """Sender on one core, receiver on the other, as far as there are two."""
    cores = sorted(os.sched_getaffinity(0) | {0, 1}) if (os.cpu_count() or 1) > 1 else [0]
    os.sched_setaffinity(0, {cores[core % len(cores)]})


def _tell(name: str, took: list[int]) -> None:
    kept = sorted(took[WARM:])
    line(name, WHO, kept, len(kept), None, p50=kept[len(kept) // 2], p99=kept[len(kept) * 99 // 100])


def main() -> None:
    rows: list[tuple[str, Callable[[], list[int]]]] = [
        ("floor_epoll", lambda: list(floor(busy=False))),
        ("floor_busy", lambda: list(floor(busy=True))),
        ("sign", lambda: list(signing())),
        ("e2e_ws", lambda: uvloop.run(slept("ws", False))),
        ("e2e_ws_busy_poll", lambda: uvloop.run(slept("ws", True))),
        ("e2e_ws_spin", lambda: spun("ws")),
        ("e2e_ipc", lambda: uvloop.run(slept("ipc", False))),
        ("e2e_ipc_spin", lambda: spun("ipc")),
        ("e2e_ws_python_feed", lambda: uvloop.run(in_python("ws"))),
    ]
    wanted = sys.argv[1:]
    every = os.sched_getaffinity(0)
    for name, run in rows:
        if not wanted or name in wanted:
            _pin(1)
            _tell(name, run())
            os.sched_setaffinity(0, every)
    print('{"skipped":"e2e_grpc: no gRPC stack among the dependencies; no floor to compare with"}')


if __name__ == "__main__":
    main()
