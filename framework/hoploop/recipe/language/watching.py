"""`alerts` and `metrics`: who hears of what happens."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from hoploop.recipe.language.marks import ident, said


class AlertItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to tell an operator."""

    id: Annotated[str, ident("Name of the alert.", "phone")]
    enabled: Annotated[bool, said("false leaves it out of the plan.", apply="live")] = True
    to: Annotated[
        str,
        Meta(
            description="Address of the webhook, Telegram or Discord channel.",
            extra_json_schema={"x-secret": True, "x-apply": "live"},
        ),
    ]
    kind: Annotated[Literal["webhook", "telegram", "discord", "slack"], said("What takes it.", apply="live")]
    on: Annotated[
        tuple[Literal["tripped", "paused", "armed", "landed", "reverted", "unknown", "limit", "feed"], ...],
        said("What is told.", apply="live", min_length=1, example=["tripped", "paused"]),
    ]
    every: Annotated[int, said("At most once in this long.", unit="duration_ms", apply="live")] | None = None


class MetricsItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Numbers for a monitoring system."""

    prometheus: (
        Annotated[
            str, said("Address to listen on.", pattern=r"^[0-9a-zA-Z.:\[\]-]+:[0-9]{1,5}$", example="127.0.0.1:9100")
        ]
        | None
    ) = None
    otlp: Annotated[str, said("OpenTelemetry collector to send to.", example="http://127.0.0.1:4318")] | None = None
    influx: Annotated[str, said("InfluxDB to send to.", example="http://127.0.0.1:8086/api/v2/write")] | None = None
    tags: Annotated[dict[str, str], said("Name -> value, on every number.", example={"host": "one"})] = {}
    every: Annotated[int, said("How often.", unit="duration_ms")] | None = None
