"""What is read of an Aave V3 Pool (aave-v3-origin `DataTypes.ReserveDataLegacy`, `ReserveConfiguration`)."""

from __future__ import annotations

from hoploop_evm._shared.words import address_text, call_data, padded, topic, words

RESERVE_UPDATED = topic("ReserveDataUpdated(address,uint256,uint256,uint256,uint256,uint256)")
"""Emitted by whatever touches a reserve: a second loan in the same block accrues nothing and is cheaper."""
PREMIUM = call_data("FLASHLOAN_PREMIUM_TOTAL()")
PREMIUM_DEN = 10_000
_ACTIVE, _PAUSED, _FLASH_ENABLED = 56, 60, 63
_CONFIGURATION, _A_TOKEN, _COUNT = 0, 8, 9


def ask_reserve(asset: bytes) -> str:
    """Call data of `getReserveData(asset)`."""
    return call_data("getReserveData(address)", [padded(asset)])


def reserve(raw: bytes) -> tuple[bool, str]:
    """(flash loans are possible, aToken address) of a reserve."""
    fields = words(raw, _COUNT, "getReserveData")
    flags = fields[_CONFIGURATION]
    lends = bool(flags >> _ACTIVE & 1) and not flags >> _PAUSED & 1 and bool(flags >> _FLASH_ENABLED & 1)
    return lends, address_text(fields[_A_TOKEN])
