"""Pushes one pool after another off its reference price, and never more than a few transactions ahead of the chain."""

from __future__ import annotations

import asyncio
from random import Random

import structlog
from eth_account import Account

from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.rpc import IpcClient, RpcError
from hoploop.local.evm.traffic.pools import Swap, TrafficPool
from hoploop.local.evm.traffic.reference import PPM, Reference
from hoploop.local.keys import local_seed

LEAST_PUSH_PPM, MOST_PUSH_PPM = 3_000, 15_000
LEAST_PAUSE_MS, MOST_PAUSE_MS = 100, 400

_MOST_AHEAD = 8
_STUCK_STEPS = 25
_GAS = 600_000
_MAX_FEE, _TIP = 100 * 10**9, 10**9


class Trader:
    """The traffic account. Every random choice comes from the given generator."""

    def __init__(self, rpc: IpcClient, *, chain_id: int, pools: tuple[TrafficPool, ...], random: Random) -> None:
        self._rpc = rpc
        self._chain_id = chain_id
        self._pools = pools
        self._random = random
        self._reference = Reference(random)
        self._account = Account.from_key(local_seed("evm/traffic"))
        self._next = 0
        self._stuck = 0
        self._pushed_in: dict[str, int] = {}
        self._log = structlog.get_logger("traffic")

    async def prepare(self, tokens: tuple[str, ...], routers: tuple[str, ...]) -> None:
        """Let the routers take the tokens; the approvals land before any swap, by nonce."""
        self._next = await self._confirmed()
        for router in routers:
            for token in tokens:
                data = encode_call("approve(address,uint256)", router, 2**256 - 1)
                await self._send(Swap(to=token, data=data))

    async def run(self) -> None:
        """Trade until cancelled, or until anvil is gone (OSError)."""
        while True:
            await asyncio.sleep(self._random.randint(LEAST_PAUSE_MS, MOST_PAUSE_MS) / 1000)
            await self.step()

    async def step(self) -> None:
        """Push one pool, at most once a block, to 0.3–1.5 % off the reference, unless too much is under way."""
        self._reference.step()
        pool = self._random.choice(self._pools)
        off = self._random.randint(LEAST_PUSH_PPM, MOST_PUSH_PPM) * self._random.choice((-1, 1))
        if not await self._has_room():
            return
        number, state = await self._rpc.batch([("eth_blockNumber", ()), ("eth_call", (pool.view, "latest"))])
        if isinstance(number, RpcError) or isinstance(state, RpcError) or self._pushed_in.get(pool.name) == number:
            return
        numerator, denominator = self._reference.price(*pool.tokens)
        target = (numerator * (PPM + off), denominator * PPM)
        swap = pool.push(bytes.fromhex(state[2:]), target, self._account.address)
        if swap is not None:
            self._pushed_in[pool.name] = number
            await self._send(swap)

    async def _has_room(self) -> bool:
        confirmed = await self._confirmed()
        ahead = self._next - confirmed
        self._stuck = self._stuck + 1 if ahead >= _MOST_AHEAD else 0
        if ahead < 0 or self._stuck > _STUCK_STEPS:
            self._log.warning("start again at the confirmed nonce", next=self._next, confirmed=confirmed)
            self._next, self._stuck = confirmed, 0
        return ahead < _MOST_AHEAD

    async def _confirmed(self) -> int:
        return int(await self._rpc.call("eth_getTransactionCount", self._account.address, "latest"), 16)

    async def _send(self, swap: Swap) -> None:
        fields = {"type": 2, "chainId": self._chain_id, "nonce": self._next, "to": swap.to, "data": swap.data}
        fields |= {"value": 0, "gas": _GAS, "maxFeePerGas": _MAX_FEE, "maxPriorityFeePerGas": _TIP}
        raw = "0x" + self._account.sign_transaction(fields).raw_transaction.hex()
        try:
            await self._rpc.call("eth_sendRawTransaction", raw)
        except RpcError as error:
            self._log.warning("refused", nonce=self._next, reason=error.reason)
            self._next = await self._confirmed()
        else:
            self._next += 1
