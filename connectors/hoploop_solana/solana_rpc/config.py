"""What a recipe says of public submission."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hoploop.plugin.connector import OnChainConfig
from hoploop.plugin.fields import Endpoint


class SolanaRpcConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node that forwards transactions to the leader."""

    url: Annotated[
        Endpoint,
        Meta(
            description="Node to send to, ${secret:…} when its URL holds a key; empty means the chain's endpoint",
            pattern=r"^(https?://\S+|\$\{secret:\S+\})?$",
            examples=["https://sender.example"],
        ),
    ] = ""
