"""What every route may say besides its connector's keys."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.recipe.language.marks import said

_ONE_CONNECTION = "a route keeps one connection and asks once; its connector bounds the wait"
_ONE_ADDRESS = "one address a route: url; write a route for each"


class ProxyItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way out to the internet."""

    url: Annotated[
        str, Meta(description="http:// or socks5:// URL, a secret when it holds a password.", extra_json_schema={
            "x-secret": "allowed", "x-apply": "component", "examples": ["socks5://proxy.example:1080"],
        }),
    ]  # fmt: skip


class Queue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What waits when the route's rate is reached."""

    timeout: Annotated[int, said("Longest wait; then it is dropped.", unit="duration_ms", example="200ms")]
    order: Annotated[Literal["profit", "age"], said("What goes first.")] = "profit"
    always: Annotated[bool, said("Queue also while there is room.")] = False


class RouteItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Keys of every route; none is supported yet. A connector's key of the same name takes precedence."""

    endpoints: Annotated[
        tuple[str, ...],
        said("More addresses of the same service.", planned=_ONE_ADDRESS, example=["https://sender.example"]),
    ] = ()
    regions: Annotated[
        tuple[str, ...], said("Regions of the service.", planned=_ONE_ADDRESS, example=["frankfurt", "ny"])
    ] = ()
    auth: (
        Annotated[
            str,
            Meta(
                description="Key or UUID the service knows us by.",
                extra_json_schema={
                    "x-secret": True,
                    "x-apply": "component",
                    "x-planned": "services are used without an account",
                },
            ),
        ]
        | None
    ) = None
    rate: (
        Annotated[
            str,
            said("Most requests it takes.", unit="rate", planned="strategies[].rate bounds attempts", example="5/s"),
        ]
        | None
    ) = None
    queue: Annotated[Queue | None, said("What waits then.", planned="an attempt goes to the next route")] = None
    concurrency: (
        Annotated[int, said("Requests under way at once.", planned="max_in_flight bounds attempts", ge=1, example=4)]
        | None
    ) = None
    connections: Annotated[int, said("Connections kept open.", planned=_ONE_CONNECTION, ge=1, example=4)] | None = None
    timeout: (
        Annotated[int, said("Longest wait for an answer.", unit="duration_ms", planned=_ONE_CONNECTION, example="2s")]
        | None
    ) = None
    retries: (
        Annotated[
            int, said("How often the service may send it again.", planned="nothing is sent twice", ge=0, example=3)
        ]
        | None
    ) = None
    preflight: (
        Annotated[
            Literal["skip", "processed", "confirmed", "finalized"],
            said("Simulation by the service.", planned="the engine simulates by itself: simulate", example="skip"),
        ]
        | None
    ) = None
    bundle: (
        Annotated[
            int, said("Most transactions in a bundle.", planned="a bundle is one transaction", ge=1, le=5, example=3)
        ]
        | None
    ) = None
    bind: Annotated[
        tuple[str, ...],
        said("Addresses of this machine to send from.", planned="the system chooses", example=["192.0.2.0/29"]),
    ] = ()
    proxies: Annotated[tuple[ProxyItem, ...], said("Ways out, taken in turn.", planned="the system chooses")] = ()
    tip_wallets: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "wallets"})], ...],
        said("Wallets that pay its tips.", planned="the signer pays"),
    ] = ()
