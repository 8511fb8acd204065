"""SPL Token and Token-2022: what of mints and token accounts changes the amounts of a swap."""

from __future__ import annotations

import msgspec

from hoploop.hot.reference.accounts import Account, Clock, address
from hoploop.hot.reference.refusal import demand, u64, up

TOKEN = address("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA")
TOKEN_2022 = address("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")
BASE_LENGTH = 165
INITIALIZED = 1
TRANSFER_FEE_CONFIG, NON_TRANSFERABLE, TRANSFER_HOOK, PAUSABLE = 1, 9, 14, 26
ONE_IN_BPS = 10_000


def held(account: Account) -> int:
    """Amount held by a token account of either program; `disabled` when it is frozen."""
    demand(account.owner in (TOKEN, TOKEN_2022), "owner")
    demand(len(account.data) >= BASE_LENGTH, "length")
    demand(account.data[108] == INITIALIZED, "disabled")
    return account.uint(64, 8)


class TransferFee(msgspec.Struct, frozen=True):
    """What a transfer of a mint costs its receiver: `min(ceil(amount * bps / 10000), most)`."""

    bps: int = 0
    most: int = 0

    def of(self, amount: int) -> int:
        """Fee of a transfer of `amount`."""
        return min(up(amount * self.bps, ONE_IN_BPS), self.most)

    def after(self, amount: int) -> int:
        """What arrives of `amount`."""
        return max(amount - self.of(amount), 0)

    def before(self, net: int) -> int:
        """What must be sent so that `net` arrives, as the token program's own inverse has it."""
        if self.bps == 0 or net == 0:
            return net
        if self.bps == ONE_IN_BPS:
            return u64(net + self.most)
        gross = up(net * ONE_IN_BPS, ONE_IN_BPS - self.bps)
        return u64(min(gross, net + self.most))

    def sent(self, net: int) -> int:
        """What Raydium's programs send so that `net` arrives: `net` and the fee of the inverse, at times one short."""
        if self.bps == ONE_IN_BPS:
            return u64(net + self.most)
        return u64(net + self.of(self.before(net)))


def transfer_fee(mint: Account, clock: Clock) -> TransferFee:
    """The fee of a mint in force at this epoch; refuses mints that cannot move or that call a hook."""
    if mint.owner == TOKEN:
        return TransferFee()
    demand(mint.owner == TOKEN_2022, "owner")
    demand(_extension(mint.data, NON_TRANSFERABLE) is None, "disabled")
    paused = _extension(mint.data, PAUSABLE)
    demand(paused is None or mint.uint(paused + 32, 1) == 0, "disabled")
    hook = _extension(mint.data, TRANSFER_HOOK)
    demand(hook is None or mint.uint(hook + 32, 32) == 0, "unsupported")
    at = _extension(mint.data, TRANSFER_FEE_CONFIG)
    if at is None:
        return TransferFee()
    start = at + (90 if clock.epoch >= mint.uint(at + 90, 8) else 72)
    fee = TransferFee(bps=mint.uint(start + 16, 2), most=mint.uint(start + 8, 8))
    demand(fee.bps <= ONE_IN_BPS, "range")
    return fee


def _extension(data: bytes, wanted: int) -> int | None:
    at = BASE_LENGTH + 1
    while at + 4 <= len(data):
        kind = int.from_bytes(data[at : at + 2], "little")
        length = int.from_bytes(data[at + 2 : at + 4], "little")
        if kind == wanted:
            return at + 4
        if kind == 0:
            return None
        at += 4 + length
    return None
