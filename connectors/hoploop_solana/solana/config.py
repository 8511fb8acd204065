"""What a recipe says of a Solana chain."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import ChainScope, ItemConfig
from hoploop.plugin.fields import DurationMs, DurationUs, Endpoint, MicroLamports
from hoploop_solana._shared.addresses import Address, not_keys

MAX_LOADED_BYTES = 64 * 1024 * 1024
"""Protocol maximum and default of the account data one transaction may load."""


class Fees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a transaction pays the leader, tips aside."""

    unit_price: Annotated[MicroLamports, Meta(description="Price of one compute unit", ge=0, le=10**12)]
    loaded_bytes: Annotated[
        int,
        Meta(
            description="Most bytes of account data a transaction may load; less is cheaper for a block to carry",
            ge=256 * 1024,
            le=MAX_LOADED_BYTES,
        ),
    ] = MAX_LOADED_BYTES


class SolanaConfig(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One Solana cluster, or the embedded one."""

    genesis: Annotated[Address, Meta(
            description="Genesis hash of the cluster; start-up refuses another one",
            examples=["424DY4ue3WFdudt7DDdge6Q8ncwmetaGyJ7m59AuyRpG"],
        )]
    fees: Annotated[Fees, Meta(description="Fee policy")]
    lookup_tables: Annotated[
        tuple[Address, ...], Meta(
            description="Address-lookup tables transactions may use",
            max_length=16,
            examples=[["J9qXWaYtrJuwSshN38M4LRzakVtYfUuRe3G3Vc4ZEauX"]],
        )
    ] = ()
    websocket: Annotated[
        Endpoint,
        Meta(
            description="Subscription endpoint when it is not the endpoint with ws://; ${secret:…} when it holds a key",
            pattern=r"^(wss?://\S+|\$\{secret:\S+\})?$",
            examples=["wss://node.example"],
        ),
    ] = ""
    timeout: Annotated[DurationMs, Meta(description="Longest wait for one answer", ge=10, le=60_000)] = 2_000
    silence: Annotated[
        DurationMs, Meta(description="A subscription this long without a word is taken for dead", ge=100, le=60_000)
    ] = 5_000
    gather: Annotated[
        DurationMs,
        Meta(description="How long an update waits for others of its transaction: nodes send one by one", ge=0, le=50),
    ] = 1
    ingest: Annotated[
        Literal["python", "native"],
        Meta(description="Who reads subscriptions: Python, or a native thread; over wss:// it is Python all the same"),
    ] = "python"
    quiet: Annotated[
        DurationUs,
        Meta(description="Native, for `gather`: updates wait until the socket was quiet for so long", ge=0, le=50_000),
    ] = 200
    busy_poll: Annotated[bool, Meta(description="Native: never sleep; costs a core")] = False
    compressed: Annotated[bool, Meta(description="Native: ask for accounts as base64+zstd")] = False


def check(config: SolanaConfig, scope: ChainScope) -> list[str]:
    """Texts that are no keys or hashes, and tables named twice."""
    problems = not_keys(genesis=config.genesis, owner=scope.owner)
    for at, table in enumerate(config.lookup_tables):
        problems += not_keys(**{f"lookup_tables[{at}]": table})
    for option in ("busy_poll", "compressed"):
        if getattr(config, option) and config.ingest != "native":
            problems.append(f"{option}: needs `ingest: native`")
    if len(set(config.lookup_tables)) < len(config.lookup_tables):
        problems.append("lookup_tables: a table is named twice")
    return problems
