"""What a route wants for taking a transaction."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from hoploop.plugin.kinds import RouteTerms


class TipPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`clamp(floor(gained * num / den), least, most)` in native base units; `gained` has the flash fee taken off."""

    num: int
    den: int
    least: int
    most: int

    def of(self, gained: int) -> int:
        """The tip for a gain, never negative."""
        return min(max(max(gained, 0) * self.num // self.den, self.least), self.most)


NO_TIP = TipPolicy(num=0, den=1, least=0, most=0)


def policy_of(terms: RouteTerms) -> TipPolicy:
    """A route without a tip account takes no tip, whatever else it says."""
    if not terms.tip_accounts:
        return NO_TIP
    return TipPolicy(num=terms.tip_share_num, den=terms.tip_share_den, least=terms.min_tip, most=terms.max_tip)


def worst(policies: Iterable[TipPolicy]) -> TipPolicy:
    """A policy that never asks for less than any of them: what a search must plan with before a route is chosen."""
    result = NO_TIP
    for one in policies:
        share = max(result, one, key=_Share)
        result = TipPolicy(
            num=share.num, den=share.den, least=max(result.least, one.least), most=max(result.most, one.most)
        )
    return result


class _Share:
    """Orders policies by their share without dividing."""

    def __init__(self, policy: TipPolicy) -> None:
        self._num, self._den = policy.num, policy.den

    def __lt__(self, other: _Share) -> bool:
        return self._num * other._den < other._num * self._den

    def __gt__(self, other: _Share) -> bool:
        return other < self
