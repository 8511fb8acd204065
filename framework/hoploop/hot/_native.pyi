"""The native hot module: pool state lives there; raw bytes go in, ranked winners come out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import Buffer

class HotError(ValueError):
    """Raised for wrong use at wiring time (unknown curve, bad handle); never for bytes from outside."""

class Candidate:
    """A sized and priced cycle. Integers are exact, in base units. Equal when all its numbers are."""

    search: int
    legs: tuple[tuple[int, bool, int, int], ...]
    """(pool handle, zero_for_one, amount_in, amount_out) in order."""
    amount_in: int
    gross: int
    lender: int
    """Lender handle, or -1 for own capital."""
    flash_fee: int
    units: int
    network_fee: int
    tip: int
    net: int
    seq: int
    """Ordering number of the newest update it rests on."""

class Batch:
    """What one `on_batch` did."""

    candidates: list[Candidate]
    """Best net first."""
    applied: int
    """Changed a state, or are kept until their pool is loaded."""
    ignored: int
    """Not newer than what is held, or for a key nobody watches."""
    refused: list[tuple[int, str]]
    """(index in the batch, reason): bytes that do not decode; their pool is refused until loaded again."""
    dropped: Mapping[str, int]
    """Reason -> number of cycles that were looked at and not returned ("why not")."""

class Market:
    """All pools of one chain and the cycles through them. Not thread-safe; the GIL is released inside `on_batch`."""

    def __init__(self) -> None: ...
    def add_asset(self, name: str) -> int: ...
    def add_pool(
        self, name: str, curve: str, decoder: str, asset0: int, asset1: int, fee_num: int, fee_den: int,
        tick_spacing: int, units: int, doors: Sequence[bytes],
    ) -> int: ...
    def add_account_pool(
        self, name: str, venue: str, asset0: int, asset1: int, units: int, roles: Mapping[str, bytes],
        routes: tuple[list[bytes], list[bytes]],
    ) -> int:
        """A pool of a venue whose state is made of accounts (`VenueState.keys`); its accounts are its doors.

        `routes` are the arrays a swap walks through: asset 0 in, asset 1 in. Accounts may belong to several pools; no
        cycle uses two pools that write one account. Layouts: docs/connectors/decoders.md."""
    def set_clock(self, slot: int, unix_timestamp: int, epoch: int) -> None:
        """Read every pool made of accounts again; they load only once the clock is known. Updates of the clock sysvar
        do the same."""
    def set_barrier(self, slots: int) -> None:
        """How many slots must have begun after one (by the updates of accounts) before a pool that heard of only a part
        of it is traded on: 1 unless set; 0 never waits."""
    def add_lender(self, name: str, fee_num: int, fee_den: int, rounding: str, min_fee: int, units: int) -> int: ...
    def set_available(self, lender: int, asset: int, amount: int) -> None:
        """Most the lender can lend of the asset now; 0 disables. Unset means 0."""
    def set_fees(self, base_fee: int, base_units: int, price_num: int, price_den: int) -> None:
        """Network fee = base_fee + ceil((base_units + Σ units) * price_num / price_den)."""
    def add_search(
        self, name: str, base: int, pools: Sequence[int], lenders: Sequence[int], min_hops: int, max_hops: int,
        max_notional: int, min_net: int, tip_num: int, tip_den: int, min_tip: int, max_tip: int, budget: int,
    ) -> int:
        """Search cycles from and to asset `base` (native-wrapped).

        Tip = clamp(gross_after_flash * num / den, min, max), 0 <= num / den <= 1.
        A cycle visits no pool twice. `budget` = most cycles sized per changed pool."""
    def set_own_capital(self, search: int, amount: int) -> None: ...
    def seal(self) -> Mapping[str, int]:
        """Build the index; returns counts: pools, edges, cycles. No pools or searches may be added after."""
    def load(self, pool: int, seq: int, snapshot: bytes) -> bool:
        """Replace the whole state of a pool and make it fresh. HotError when the bytes do not decode.

        Updates newer than `seq` that came while the pool was not fresh are put on top. False: some of them are lost
        (more than the pool keeps, or undecodable), so the pool stays unusable until a newer snapshot. A snapshot
        older than a fresh state changes nothing.
        """
    def mark_stale(self, pool: int) -> None:
        """Never use this pool until it is loaded with a snapshot read after this call. Later updates are kept."""
    def on_batch(self, updates: Sequence[tuple[bytes, int, bytes]]) -> Batch:
        """Apply updates in order, then search the cycles through changed fresh pools. A cycle with a net of at least
        the search's `min_net` is returned, at most 8 a search, best first, no two of a search sharing a pool."""
    def snapshot(self, pool: int) -> bytes | None:
        """The state as bytes that `load` takes (with the pool's `seq`: the same state, exactly); None unless fresh."""
    def roll_back(self, to: int) -> tuple[list[int], list[int], Batch]:
        """Take all blocks (slots) after `to` out of every pool: restored, stale, and the search through the restored.

        `seq` is `block << 20 | place`. Of each pool the last 8 blocks that changed it since its load are kept; one that
        needs more is stale. Updates of the new branch come after this call, and so is every snapshot read that is
        loaded later."""
    def drop(self, pools: Sequence[int]) -> Mapping[str, int]:
        """Take pools out for good: doors, state, cycles. Their handles are never given again. Counts of what is left;
        the index is built anew, so drop many at once."""
    def suppress(
        self, search: int, legs: Sequence[tuple[int, bool]], *, batches: int | None = None, until: int | None = None
    ) -> None:
        """Leave a path out (drop reason `suppressed`) for so many batches, or until `set_time` tells this time.

        `legs` are (pool, zero_for_one) in order, beginning anywhere. Of 1,024 paths the one told first goes."""
    def release(self, search: int, legs: Sequence[tuple[int, bool]]) -> bool:
        """Look at a path again; False when it was not left out."""
    def set_time(self, now: int) -> None:
        """The time for `suppress`, in any unit that only grows."""
    def suppressed(self) -> list[tuple[int, list[tuple[int, bool]], int | None, int | None]]:
        """(search, legs from the base asset, batches left, time it ends), the path told first at the front."""
    def quote(self, pool: int, zero_for_one: bool, amount_in: int) -> int | None:
        """Exact-in quote on the present state; None when the pool refuses (stale, empty, overflow)."""
    def quote_many(self, pool: int, zero_for_one: bool, amounts_in: Iterable[int]) -> list[int | None]:
        """`quote` of each amount, in one call; quickest from a list."""
    def quote_into(self, pools: int | Buffer, zero_for_one: bool, amounts_in: Buffer, amounts_out: Buffer) -> int:
        """Quotes of 64-bit amounts (`array("Q")`) into a buffer of as many; returns how many were answered.

        Where a pool refuses, or its output does not fit 64 bits, 0 is put. `pools` is one handle for all, or a buffer
        of one each (`array("I")`). HotError for other lengths and read-only or strided buffers, BufferError for other
        numbers."""
    def quote_out(self, pool: int, zero_for_one: bool, amount_out: int) -> int | None:
        """Input for an exact output; None when the pool refuses or its venue has no such swap."""
    def fill(self, pool: int, zero_for_one: bool, exact_in: bool, amount: int) -> tuple[int, int] | str:
        """(input, output) the pool moves for a given side, amounts of up to 256 bits, or the reason of refusal.

        A concentrated pool fills what it can, as its contract does with the price limit at the end of all prices."""
    def pool_state(self, pool: int) -> Mapping[str, int | bool | str]:
        """For tests and the console: seq, version (grows whenever the state becomes another one), fresh, settled (False
        while it waits for the rest of a slot), refused reason, reserves or price/liquidity/tick."""

class Ingest:
    """Decodes a node's text frames and keeps what the market has not seen; see `docs/connectors/decoders.md`.

    `whole` are doors whose updates are whole states: the newest wins. `every` are doors each of whose updates counts:
    at most `capacity` of them wait. May be used by several threads at once."""

    def __init__(
        self, whole: Sequence[bytes], every: Sequence[bytes], capacity: int, owned: Sequence[bytes] = ()
    ) -> None:
        """`owned` are accounts of pools made of accounts: as `whole`, and updates begin with the owner's 32 bytes."""
    def subscribe(self, subscription: int, door: bytes) -> None:
        """The node calls the account's notifications by this number (Solana). HotError for a door not given."""
    def expect(self, request: int, door: bytes) -> None:
        """The answer to the request of this id will name the number. HotError for a door not given."""
    def reset(self) -> None:
        """The connection is lost: forget its subscriptions and what waits."""
    def push_frame(self, frame: bytes | str) -> str:
        """What became of it: kept, other (not ours: read it yourself), unwatched, removed (a block was taken back: read
        every pool again), lost (no room, see `gaps`), or why it is refused: size, utf8, json, depth, escape, duplicate,
        shape, range, encoding, base64, base58, zstd, hex. Account data may be base64 or base64+zstd."""
    def gaps(self) -> list[bytes]:
        """Doors that lost an update since the last call: mark their pools stale, drain, then load them again."""
    @property
    def lost(self) -> int:
        """Updates lost for want of room, ever."""
    @property
    def replaced(self) -> int:
        """Updates of `whole` doors that a newer one overtook before the market saw them, ever."""
    @property
    def newest(self) -> tuple[int, int | None] | None:
        """The block the last log told of, watched or not, and its time where the node says it."""
    def take(self) -> list[tuple[bytes, int, bytes]]:
        """What waits, in order of `seq`, for `on_batch`, instead of `drain`. HotError as there."""
    def drain(self, market: Market) -> Batch:
        """`market.on_batch` of what waits, in order of `seq`. HotError while there are gaps nobody asked for."""
    def drain_until(self, market: Market, mark: int | None = None) -> tuple[Batch, int, list[bytes]]:
        """`drain` of what was kept until a mark (`Reader.others`) and was not overtaken since; all of it without one.

        The batch, when the oldest frame was read (0: nothing waited), and the door of each update. Nothing while there
        are gaps: drop the connection."""

class Reader:
    """Reads one connection to a node into an `Ingest`, from connecting to its loss; see `hot/feed`."""

    def __init__(
        self, ingest: Ingest, endpoint: str, requests: Sequence[str], *, busy_poll: bool, quiet_us: int,
        timeout_ms: int, max_frame: int,
    ) -> None:
        """Connects to `ws://…` or `ipc:PATH` and writes the requests; returns at once. HotError as `refuses`.

        A thread connects; then whoever looks reads, or with `busy_poll` a thread that never sleeps. Updates are told of
        once the socket was quiet for `quiet_us`, or after eight times that."""
    @staticmethod
    def refuses(endpoint: str) -> str:
        """Why an endpoint cannot be read: tls, scheme, url; empty when it can."""
    def fileno(self) -> int:
        """A file (epoll, with `busy_poll` an eventfd) that is readable when there is something to look at."""
    def look(self) -> bool:
        """Make it unreadable: whether updates or frames wait, or the connection ended, since the last look."""
    def wait(self, most_ms: int, spin: bool) -> bool:
        """Wait without the GIL until `look` would be true; whether it would. `spin` never sleeps."""
    def others(self) -> list[tuple[str, int, int, bytes]]:
        """Take the frames `Ingest` did not keep, in order: what became of them, the mark of the updates before them,
        when they were read (`time.monotonic_ns`), and the frame."""
    @property
    def ended(self) -> str:
        """Why the connection ended: stopped, unreachable, handshake, gone, size, protocol, full (updates or frames
        would be lost), panic; empty while it lives."""
    def stop(self) -> None:
        """End the connection and wait a moment for the thread; so does the last reference."""

class WriteOrder:
    """Ordering numbers for feeds that tell a slot and a write version with every account (Geyser)."""

    def __init__(self) -> None: ...
    def seq(self, slot: int, version: int) -> int | None:
        """`slot << 20 | place`: slots order first, then write versions, in whatever order they come. None: cannot be
        placed (a slot long past, a version too far from its slot's others), so the pool must be read again."""

def version() -> str: ...

class VenueState:
    """The state of one pool of a venue made of accounts, read once; see `hot/core/src/venues`."""

    @staticmethod
    def keys() -> list[str]: ...
    @staticmethod
    def read(
        key: str, roles: Mapping[str, bytes], held: Mapping[bytes, tuple[bytes, bytes]],
        routes: tuple[list[bytes], list[bytes]], clock: tuple[int, int, int],
    ) -> VenueState | str:
        """`held` maps address to (owner, data); `clock` is slot, unix time, epoch. A string is why it is refused."""
    def quote(
        self, zero_for_one: bool, exact_in: bool, amount: int, price_limit: int, variant: int
    ) -> tuple[int, int] | str:
        """(amount_in, amount_out) as the program would move them, or the reason why it would refuse."""

class FlashLoan:
    """A lender's reserve, read once; see `hot/core/src/venues/flash_fees.rs`."""

    @staticmethod
    def keys() -> list[str]: ...
    @staticmethod
    def read(
        key: str, roles: Mapping[str, bytes], held: Mapping[bytes, tuple[bytes, bytes]], clock: tuple[int, int, int]
    ) -> FlashLoan | str:
        """`held` maps address to (owner, data); `clock` is slot, unix time, epoch. A string is the reason why not."""
    def price(self, amount: int) -> tuple[int, int] | str:
        """(fee, host_fee) of borrowing this much, or the reason why the lender would refuse."""
    def repay(self, amount: int, argument: int) -> int | str:
        """What leaves the borrower when it names `argument` to repay `amount`, or the reason of refusal."""

class SolanaSigner:
    """An Ed25519 key in memory that is locked and wiped; HotError unless given a 32-byte seed or a 64-byte pair."""

    def __init__(self, secret: bytes) -> None: ...
    @property
    def public(self) -> bytes:
        """32 bytes, the address."""
    @property
    def locked(self) -> bool:
        """False when the system would not keep the key out of swap (a limit on locked memory)."""
    def sign(self, unsigned: bytes) -> tuple[bytes, bytes]:
        """(signature, wire bytes) of a v0 message (with version byte) whose only signer this is; HotError otherwise."""

class SolanaTemplate:
    """A v0 message of one shape. Slots are (instruction, first byte in its data, length).

    HotError when the message is no v0 message of one signer, or a slot lies outside, or two share a byte."""

    def __init__(self, unsigned: bytes, slots: Sequence[tuple[int, int, int]]) -> None: ...
    def fill(self, fresh: bytes, parts: Sequence[bytes]) -> bytes:
        """The message with blockhash `fresh` and one part a slot, each of its slot's length."""
    def sign(self, signer: SolanaSigner, fresh: bytes, parts: Sequence[bytes]) -> tuple[bytes, bytes]:
        """`fill` and `SolanaSigner.sign` in one."""

class EvmSigner:
    """A secp256k1 key in memory that is locked and wiped; HotError unless given the 32 bytes of one."""

    def __init__(self, secret: bytes) -> None: ...
    @property
    def public(self) -> bytes:
        """20 bytes, the address."""
    @property
    def locked(self) -> bool:
        """False when the system would not keep the key out of swap (a limit on locked memory)."""
    def sign(self, unsigned: bytes) -> tuple[bytes, bytes]:
        """(hash, raw bytes) of an unsigned EIP-1559 transaction, type byte first; RFC 6979, low s."""

class EvmTemplate:
    """An unsigned EIP-1559 transaction of one shape.

    Slots are (7, first byte in the calldata, length), or (field, 0, 0) for the whole number of field 2 (priority
    fee), 3 (fee), 4 (gas) or 6 (value). HotError for other slots, other bytes, or two slots sharing a byte."""

    def __init__(self, unsigned: bytes, slots: Sequence[tuple[int, int, int]]) -> None: ...
    def fill(self, fresh: bytes, parts: Sequence[bytes]) -> bytes:
        """With nonce `fresh` and one part a slot: big-endian numbers of any length, calldata of the slot's length."""
    def sign(self, signer: EvmSigner, fresh: bytes, parts: Sequence[bytes]) -> tuple[bytes, bytes]:
        """`fill` and `EvmSigner.sign` in one."""

class SolanaTemplates:
    """v0 messages by route shape, filled from candidates of one market; a message is composed once for a shape.

    A shape is the directed pools of the legs, the lender and the terms' variant. Terms are (variant, blockhash, tip,
    least gain, given numbers), holes (instruction, first byte in its data, length, source, which of several). Sources:
    leg_in, leg_out, amount_in, least_out (input + flash fee + least gain), min_gain, tip, given. HotError when a
    number does not fit its hole; the next call is whole again."""

    def __init__(self, capacity: int) -> None:
        """Beyond `capacity` shapes, the one used longest ago is forgotten."""
    def __len__(self) -> int: ...
    def clear(self) -> None: ...
    def add(
        self, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]], unsigned: bytes,
        holes: Sequence[tuple[int, int, int, str, int]], note: object,
    ) -> None:
        """Keep a shape. `unsigned` is what was composed of exactly these numbers: HotError when the holes do not give
        it. A candidate of another market than the one before clears all: handles mean other pools there."""
    def fill(
        self, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]]
    ) -> tuple[Any, bytes] | None:
        """(note, message); None when there is no such shape."""
    def sign(
        self, signer: SolanaSigner, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]]
    ) -> tuple[Any, bytes, bytes, bytes] | None:
        """(note, signature, wire bytes, message); None when there is no such shape."""

class EvmTemplates:
    """EIP-1559 transactions by route shape; as `SolanaTemplates`, with the slots of `EvmTemplate` and the nonce
    (big-endian) in place of the blockhash."""

    def __init__(self, capacity: int) -> None: ...
    def __len__(self) -> int: ...
    def clear(self) -> None: ...
    def add(
        self, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]], unsigned: bytes,
        holes: Sequence[tuple[int, int, int, str, int]], note: object,
    ) -> None: ...
    def fill(
        self, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]]
    ) -> tuple[Any, bytes] | None:
        """(note, unsigned transaction)."""
    def sign(
        self, signer: EvmSigner, candidate: Candidate, terms: tuple[int, bytes, int, int, Sequence[int]]
    ) -> tuple[Any, bytes, bytes, bytes] | None:
        """(note, hash, raw bytes, calldata)."""
