"""What a recipe says of an EVM chain."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import ChainScope, ItemConfig
from hoploop.plugin.fields import DurationMs, DurationUs, Wei
from hoploop_evm._shared.words import Address, not_addresses


class Fees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a unit of gas costs us."""

    gas_price: Annotated[
        Wei,
        Meta(gt=0, description='Paid for each unit of gas, base fee and tip together, such as "2 gwei".'),
    ]


class EvmConfig(ItemConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One EVM chain."""

    chain_id: Annotated[
        int, Meta(ge=1, lt=2**53, description="EIP-155 chain id; compared with the node's.", examples=[31337])
    ]
    executor: Annotated[Address, Meta(description="HoploopExecutor contract; it holds own capital.")]
    fees: Annotated[Fees, Meta(description="What transactions pay.")]
    valid_blocks: Annotated[
        int, Meta(ge=1, le=64, description="Blocks a transaction may wait; later it reverts on chain by itself.")
    ] = 2
    gas_limit: Annotated[
        int, Meta(ge=100_000, le=2**24, description="Most gas one transaction may ask for (EIP-7825 caps it at 2^24).")
    ] = 2**24
    timeout: Annotated[DurationMs, Meta(gt=0, description="Longest wait for one answer of the node.")] = 5_000
    silence: Annotated[
        DurationMs, Meta(gt=0, description="Longest time without a new block before the feed reconnects.")
    ] = 60_000
    ingest: Annotated[
        Literal["python", "native"],
        Meta(description="Who reads subscriptions: Python, or a native thread; over wss:// it is Python all the same."),
    ] = "python"
    quiet: Annotated[
        DurationUs,
        Meta(ge=0, le=50_000, description="Native: logs wait for others of their block until it was quiet so long."),
    ] = 200
    busy_poll: Annotated[bool, Meta(description="Native: never sleep; costs a core.")] = False


def check(config: EvmConfig, scope: ChainScope) -> list[str]:
    """Addresses and identity of a chain item."""
    problems = not_addresses(executor=config.executor, owner=scope.owner)
    if scope.identity != str(config.chain_id):
        problems.append(f"chain_id: {config.chain_id} is not the identity {scope.identity}")
    if config.busy_poll and config.ingest != "native":
        problems.append("busy_poll: needs `ingest: native`")
    return problems
