"""Ready-made field types for config Structs: what a recipe author writes and what the connector receives."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from hoploop.model.money import Ratio

# `x-unit` names how text becomes an integer, `x-ref` the section an id belongs to, `x-secret` hides the value.

Wei = Annotated[int, Meta(extra_json_schema={"x-unit": "wei"})]
"""Written "2 gwei", "100 wei" or "0.01 ETH"; received in wei."""
Lamports = Annotated[int, Meta(extra_json_schema={"x-unit": "lamports"})]
"""Written "5000 lamports" or "0.01 SOL"; received in lamports."""
MicroLamports = Annotated[int, Meta(extra_json_schema={"x-unit": "microlamports"})]
"""Written "1000 microlamports"; received as that integer (price of one compute unit)."""
Share = Annotated[Ratio, Meta(extra_json_schema={"x-unit": "ratio"})]
"""Written 30bps, "0.3%" or "3/1000"; received as an exact `Ratio`."""
DurationMs = Annotated[int, Meta(extra_json_schema={"x-unit": "duration_ms"})]
"""Written 250ms, 2s or 1m; received in milliseconds."""
DurationUs = Annotated[int, Meta(extra_json_schema={"x-unit": "duration_us"})]
"""Written 200us, 1ms or 1s; received in microseconds."""
AssetId = Annotated[str, Meta(extra_json_schema={"x-ref": "assets"})]
"""Id of an asset of the recipe, on the item's own chain."""
ChainId = Annotated[str, Meta(extra_json_schema={"x-ref": "chains"})]
"""Id of a chain of the recipe."""
Endpoint = Annotated[str, Meta(extra_json_schema={"x-secret": "allowed"})]
"""A URL, or ${secret:backend/name} when it holds a key: `url` of a route is received resolved as `context.endpoint`,
`websocket` of a chain as `context.extras["ws"]`, never as part of the config."""
SecretRef = Annotated[str, Meta(extra_json_schema={"x-secret": True})]
"""Written ${secret:backend/name}; received as `backend/name`, never as the secret itself."""
