"""The subscription protocol without the socket: text frames in, feed events out."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec
import orjson
from solders.pubkey import Pubkey

from hoploop.errors import DecodeError, TransientError
from hoploop.model.chain import Head
from hoploop.model.market import RawUpdate
from hoploop.plugin.kinds import FeedEvent, Gap, Reorg, Updates
from hoploop_solana._shared.accounts import AccountValue
from hoploop_solana._shared.asking import U64, AtSlot
from hoploop_solana._shared.wire import plain

SLOT_REQUEST = 0
# Counters of the newest slots are enough: an update for an older slot loses against the state held anyway.
SLOTS_COUNTED = 64
MAX_INDEX = (1 << 20) - 1
# Slots of forks that were left; their late updates are none of ours.
FORKS_REMEMBERED = 8


class SlotInfo(msgspec.Struct, frozen=True):
    """Value of a slotNotification."""

    slot: U64
    parent: U64


class _Params(msgspec.Struct, frozen=True):
    subscription: int
    result: msgspec.Raw


class _Frame(msgspec.Struct, frozen=True):
    id: int | None = None
    result: Any = None
    error: Any = None
    method: str = ""
    params: _Params | None = None


class Subscriptions:
    """One connection's worth of subscriptions: `requests()` go out, every frame that comes in goes through `take`.

    `refused` counts frames that were not what they should be; they change nothing else.
    """

    def __init__(self, doors: Sequence[bytes], last_slot: int, *, compressed: bool = False) -> None:
        """`compressed` asks for base64+zstd, which only a native reader decodes."""
        self.doors = tuple(doors)
        self._encoding = "base64+zstd" if compressed else "base64"
        self._by_subscription: dict[int, bytes | None] = {}
        self._confirmed: set[int] = set()
        self._indexes: dict[int, int] = {}
        self._fork: list[int] = [last_slot] if last_slot else []
        self._left: deque[range] = deque(maxlen=FORKS_REMEMBERED)
        self.last_slot = last_slot
        self.refused = 0

    @property
    def ready(self) -> bool:
        """True once the node confirmed every subscription."""
        return len(self._confirmed) == len(self.doors) + 1

    def expects(self) -> dict[int, bytes]:
        """The door each account request is for, by its id."""
        return dict(enumerate(self.doors, start=SLOT_REQUEST + 1))

    def requests(self) -> list[str]:
        """Request texts: the slot subscription, then one for each door in order."""
        account = {"encoding": self._encoding, "commitment": "processed"}
        texts = [_request(SLOT_REQUEST, "slotSubscribe", [])]
        texts += [
            _request(number, "accountSubscribe", [str(Pubkey(door)), account])
            for number, door in self.expects().items()
        ]
        return texts

    def take(self, frames: Sequence[str | bytes], now_ns: int) -> list[FeedEvent]:
        """Events of frames that arrived together; TransientError when the node refuses a subscription."""
        events: list[FeedEvent] = []
        updates: list[RawUpdate] = []
        for frame in frames:
            try:
                found = self._one(frame, now_ns)
            except (msgspec.DecodeError, DecodeError, RecursionError, UnicodeDecodeError):
                self.refused += 1
                continue
            if isinstance(found, RawUpdate):
                if updates and updates[-1].seq >> 20 != found.seq >> 20:
                    events.append(_updates(updates, now_ns))
                    updates = []
                updates.append(found)
            elif found:
                if updates:
                    events.append(_updates(updates, now_ns))
                    updates = []
                events += found
        if updates:
            events.append(_updates(updates, now_ns))
        return events

    def _one(self, text: str | bytes, now_ns: int) -> RawUpdate | list[FeedEvent]:
        frame = msgspec.json.decode(text, type=_Frame)
        if frame.id is not None:
            self._confirm(frame)
            return []
        if frame.params is None or frame.params.subscription not in self._by_subscription:
            raise DecodeError("C207", "a notification for nothing we asked for")
        door = self._by_subscription[frame.params.subscription]
        if door is None:
            return self._slot(msgspec.json.decode(bytes(frame.params.result), type=SlotInfo), now_ns)
        value = msgspec.json.decode(bytes(frame.params.result), type=AtSlot[AccountValue])
        if any(value.context.slot in left for left in self._left):
            return []
        return RawUpdate(door, self._seq(value.context.slot), value.value.bytes())

    def _confirm(self, frame: _Frame) -> None:
        number = frame.id
        if frame.error is not None:
            raise TransientError("C203", f"the node refuses a subscription: {plain(frame.error)}")
        known = isinstance(number, int) and 0 <= number <= len(self.doors)
        if not known or isinstance(frame.result, bool) or not isinstance(frame.result, int):
            raise DecodeError("C207", "an answer to nothing we asked")
        assert number is not None
        self._by_subscription[frame.result] = None if number == SLOT_REQUEST else self.doors[number - 1]
        self._confirmed.add(number)

    def _slot(self, info: SlotInfo, now_ns: int) -> list[FeedEvent]:
        last, self.last_slot = self.last_slot, info.slot
        if info.slot == last:
            return []
        head = Head(number=info.slot, parent=str(info.parent), seen_ns=now_ns)
        if last in (0, info.parent):
            self._follow(info.slot)
            return [head]
        # Slots without a block are no gap: their successor names the last slot we saw as its parent.
        if info.parent in self._fork and info.slot > last and not self._is_early(info.slot):
            # Another fork goes on from a slot we know: what came after that slot is not part of it.
            del self._fork[self._fork.index(info.parent) + 1 :]
            self._left.append(range(info.parent + 1, info.slot))
            self._follow(info.slot)
            return [Reorg(f"slot {info.slot} follows {info.parent}, not {last}", info.parent), head]
        self._fork = [info.slot]
        self._left.clear()
        return [Gap(f"slot {info.slot} follows {info.parent}, not {last}", info.slot), head]

    def _is_early(self, slot: int) -> bool:
        """Whether updates of the new fork came before it was told: they would be taken back with the old one."""
        return any(seen >= slot for seen in self._indexes)

    def _follow(self, slot: int) -> None:
        self._fork.append(slot)
        del self._fork[:-SLOTS_COUNTED]

    def _seq(self, slot: int) -> int:
        index = self._indexes.get(slot, 0) + 1
        self._indexes[slot] = index
        if len(self._indexes) > SLOTS_COUNTED:
            del self._indexes[min(self._indexes)]
        return slot << 20 | min(index, MAX_INDEX)


def _updates(items: list[RawUpdate], now_ns: int) -> Updates:
    return Updates(now_ns, items[-1].seq >> 20, tuple(items))


def _request(number: int, method: str, params: list[Any]) -> str:
    return orjson.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}).decode()
