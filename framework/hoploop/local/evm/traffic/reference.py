"""Where prices belong: a slow walk that always comes back, in exact integers."""

from __future__ import annotations

from random import Random

from hoploop.local.evm.world.tokens import UNIT, WETH_USDC

PPM = 1_000_000

# Per step: at most this far, less this part of the present distance.
_WETH_STEP_PPM = 400
_DAI_STEP_PPM = 40
_PULL = 200


class Reference:
    """Reference values in USDC: WETH wanders within a few percent of its start, DAI within a few tenths."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._offset = {"weth": 0, "dai": 0}

    def step(self) -> None:
        """Move on by one step."""
        for token, most in (("weth", _WETH_STEP_PPM), ("dai", _DAI_STEP_PPM)):
            offset = self._offset[token]
            self._offset[token] = offset + self._random.randint(-most, most) - offset // _PULL

    def value(self, token: str) -> int:
        """Of one whole token, in millionths of a USDC."""
        whole = WETH_USDC if token == "weth" else 1
        return whole * (PPM + self._offset.get(token, 0))

    def price(self, base: str, quote: str) -> tuple[int, int]:
        """Base units of `quote` for one base unit of `base`, as (numerator, denominator)."""
        return self.value(base) * UNIT[quote], self.value(quote) * UNIT[base]
