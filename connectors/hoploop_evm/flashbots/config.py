"""What a recipe says of a Flashbots-style relay."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hoploop.plugin.connector import Costs, OnChainConfig
from hoploop.plugin.fields import Endpoint, SecretRef


class FlashbotsConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One relay."""

    url: Annotated[
        Endpoint,
        Meta(
            pattern=r"^(embedded|https?://\S+|\$\{secret:\S+\})$",
            description="Relay endpoint, or embedded for the local one; ${secret:…} when it holds a key.",
            examples=["https://relay-sepolia.flashbots.net"],
        ),
    ] = "https://relay.flashbots.net"
    key: Annotated[SecretRef, Meta(description="Identity that signs requests; a key of its own that holds no funds.")]
    blocks: Annotated[int, Meta(ge=1, le=16, description="How many next blocks to bid for.")] = 2


def costs(config: FlashbotsConfig) -> Costs:
    """No tip, and nothing for what fails."""
    return Costs(atomic=True)


def check(config: FlashbotsConfig, scope: object) -> list[str]:
    """A relay is trusted with transactions nobody else has seen: no plain HTTP beyond this machine."""
    local = ("http://127.0.0.1", "http://localhost", "http://[::1]")
    if config.url.startswith("http://") and not config.url.startswith(local):
        return ["url: a relay outside this machine must be https"]
    return []
