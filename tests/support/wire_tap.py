"""A loopback proxy that notes when which transaction reached the chain's door."""

from __future__ import annotations

import base64
import re
import socket
import threading
import time
from types import TracebackType
from typing import NamedTuple
from urllib.parse import urlsplit

from solders.transaction import VersionedTransaction

_SEND = re.compile(rb'"(sendTransaction|sendBundle)"')
_BASE64 = re.compile(rb'"([A-Za-z0-9+/]{100,}={0,2})"')


class Arrival(NamedTuple):
    """One signed transaction, and the monotonic clock when its bytes came."""

    at_ns: int
    signature: str


class WireTap:
    """Context manager: forwards TCP connections to `url`'s port and reads along."""

    def __init__(self, url: str) -> None:
        self._target = (urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.arrivals: list[Arrival] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> WireTap:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            threading.Thread(target=self._pump, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, False), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, inbound: bool) -> None:
        request = b""
        with source, sink:
            while True:
                try:
                    part = source.recv(1 << 16)
                    if not part:
                        return
                    if inbound:
                        request = self._note(request + part)
                    sink.sendall(part)
                except OSError:
                    return

    def _note(self, request: bytes) -> bytes:
        """Note the transactions of complete requests; what may still grow is kept."""
        now_ns = time.monotonic_ns()
        if _SEND.search(request):
            found = _BASE64.findall(request)
            for text in found:
                signed = VersionedTransaction.from_bytes(base64.b64decode(text))
                self.arrivals.append(Arrival(now_ns, str(signed.signatures[0])))
            return b"" if found else request
        return request[-64:]
