"""`risk`: limits across strategies; reaching one stops attempts, pauses or trips the gate."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.recipe.language.marks import ident, said

_BLOCKED = "0x842b76E6f3E522b42DEe4B98B15DDdffF167c294"
_Amount = Annotated[str, Meta(extra_json_schema={"x-unit": "amount"})]


class BreakerItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Stops when something happens too often."""

    id: Annotated[str, ident("Name of the breaker.", "reverts")]
    enabled: Annotated[bool, said("false leaves it out of the plan.", apply="live", risk="down")] = True
    on: Annotated[
        Literal["reverted", "lost", "unknown", "unprofitable", "drawdown"],
        Meta(
            description="What is counted: attempts that reverted, never landed, have no known end, or earned less than "
            "nothing; or the fall from the day's best result.",
            extra_json_schema={
                "x-apply": "live", "x-risk": "any", "x-planned-values": {"drawdown": "use risk.daily_loss"},
            },
        ),
    ]
    count: Annotated[int, said("How many of them.", apply="live", risk="up", ge=1, le=1_000_000, example=10)]
    within: Annotated[int, said("In how long.", unit="duration_ms", apply="live", risk="down", example="10m")]
    action: Annotated[
        Literal["pause", "trip"], said("pause: take no more until unlocked; trip: close the gate for good.", risk="any")
    ] = "pause"
    unlock: (
        Annotated[
            int,
            said(
                "Resume by itself after this long; only an operator when left out.",
                unit="duration_ms",
                risk="any",
                example="1h",
            ),
        ]
        | None
    ) = None
    strategies: Annotated[
        tuple[Annotated[str, Meta(extra_json_schema={"x-ref": "strategies"})], ...],
        said("Whose attempts are counted; empty for all.", risk="any"),
    ] = ()


class RiskItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits across strategies."""

    daily_loss: Annotated[
        dict[str, _Amount],
        said(
            "Asset id -> most that may be lost in a UTC day; reaching it trips the gate.",
            apply="live",
            risk="up",
            example={"weth": "0.5 WETH"},
        ),
    ] = {}
    daily_fees: Annotated[
        dict[str, _Amount],
        said(
            "Wrapped native asset id -> most network fees and tips in a UTC day; nothing is sent that could pass it.",
            apply="live",
            risk="up",
            example={"weth": "0.1 WETH"},
        ),
    ] = {}
    floors: Annotated[
        dict[str, _Amount],
        said(
            "Wrapped native asset id -> least native coin the signer keeps.",
            apply="live",
            risk="down",
            example={"weth": "0.05 WETH"},
        ),
    ] = {}
    rate: (
        Annotated[
            str,
            said("Most attempts of all strategies.", unit="rate", apply="live", risk="up", example="120/m"),
        ]
        | None
    ) = None
    breakers: Annotated[tuple[BreakerItem, ...], said("Stops when something happens too often.", apply="live")] = ()
    blocked: Annotated[
        tuple[str, ...],
        said("Addresses no transaction may touch.", planned="name the pools: universes", example=[_BLOCKED]),
    ] = ()
    max_exposure: Annotated[
        dict[str, _Amount],
        said(
            "Asset id -> most under way at once.",
            planned="size.max_notional times max_in_flight bounds it",
            example={"weth": "20 WETH"},
        ),
    ] = {}
