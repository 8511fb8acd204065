"""A fourth asset on the local EVM world: WETH > USDC > WBTC > DAI > WETH is its only cycle of four hops."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from eth_utils.address import to_checksum_address
from live_street import rpc, wait_for

from hoploop.local.artifacts import PackageCache, cache_root
from hoploop.local.evm import world_addresses
from hoploop.local.evm.accounts import address_of
from hoploop.local.evm.contracts import encode_call
from hoploop.local.evm.packages import ArtifactStore, PackageTable
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.traffic.pools import V2Pool
from hoploop.local.evm.world.deployer import Deployer

PPM = 1_000_000
_GAS = 500_000
_USDC, _WBTC, _DAI = 10**6, 10**8, 10**18
_POOLS = {
    "usdc_wbtc": ("uniswap_v2", ("usdc", 6_000_000 * _USDC), ("wbtc", 100 * _WBTC)),
    "wbtc_dai": ("pancakeswap_v2", ("wbtc", 100 * _WBTC), ("dai", 6_000_000 * _DAI)),
    "torn": ("pancakeswap_v2", ("usdc", 21_000 * _USDC), ("wbtc", _WBTC // 2)),
}
"""Exchange and reserves; `torn` is shallow and asks 30 % too little for WBTC."""


async def build(endpoint: str) -> dict[str, str]:
    """Deploy token and pools beside the world, as an account of its own; `torn` holds nothing, whatever it says."""
    client = await IpcClient.connect(Path(endpoint.removeprefix("ipc:")))
    try:
        owner = address_of("fourth")
        await client.call("anvil_setBalance", owner, hex(10**24))
        await client.call("anvil_impersonateAccount", owner)
        found = await _deployed(Deployer(client, owner))
        await _tear(client, found)
    finally:
        await client.close()
    return found


async def _deployed(deployer: Deployer) -> dict[str, str]:
    store = ArtifactStore(PackageCache(cache_root(), lambda _: None), PackageTable.load())
    at, token = dict(world_addresses()), store.get("MintableERC20")
    at["wbtc"] = deployer.deploy(token, "Wrapped Bitcoin", "WBTC", 8)
    for name in ("usdc", "dai", "wbtc"):
        deployer.send(token, at[name], "mint", deployer.owner, 10**30)
        deployer.send(token, at[name], "approve", at["pancakeswap_v2.router"], 2**256 - 1)
    for name, (exchange, *sides) in _POOLS.items():
        factory = store.get("UniswapV2Factory")
        ends = [at[token_name] for token_name, _ in sides]
        deployer.send(factory, at[f"{exchange}.factory"], "createPair", *ends)
        at[name] = to_checksum_address((await deployer.call(factory, at[f"{exchange}.factory"], "getPair", *ends))[0])
        for token_name, amount in sides:
            deployer.send(token, at[token_name], "transfer", at[name], amount)
        deployer.send(store.get("UniswapV2Pair"), at[name], "mint", deployer.owner)
    await deployer.flush()
    return {name: at[name] for name in ("wbtc", *_POOLS)}


async def _tear(client: IpcClient, at: Mapping[str, str]) -> None:
    pair, owner = at["torn"], address_of("fourth")
    await client.call("anvil_setBalance", pair, hex(10**18))
    await client.call("anvil_impersonateAccount", pair)
    for token, amount in _POOLS["torn"][1:]:
        data = encode_call("transfer(address,uint256)", owner, amount)
        await client.call("eth_sendTransaction", {"from": pair, "to": _token(at, token), "data": f"0x{data.hex()}"})
    await client.call("anvil_stopImpersonatingAccount", pair)


class Hand:
    """Moves prices and mends the torn pool, as the account that made them."""

    def __init__(self, endpoint: str, at: Mapping[str, str]) -> None:
        self._endpoint, self._at, self._owner = endpoint, at, address_of("fourth")
        ends, router = (at["wbtc"], _token(at, "dai")), world_addresses()["pancakeswap_v2.router"]
        self._pool = V2Pool(name="wbtc_dai", tokens=("wbtc", "dai"), ends=ends, address=at["wbtc_dai"], router=router)

    def push(self, ppm: int) -> None:
        """Bring WBTC in DAI to so many millionths above or below where it began."""
        (_, wbtc), (_, dai) = _POOLS["wbtc_dai"][1:]
        self._move(dai, wbtc, ppm)

    def nudge(self, ppm: int) -> None:
        """Move it by so many millionths of what it is."""
        self._move(*self._pool.price(self._state()), ppm)

    def _move(self, dai: int, wbtc: int, ppm: int) -> None:
        before = self._state()
        swap = self._pool.push(before, (dai * (PPM + ppm), wbtc * PPM), self._owner)
        if swap is not None:
            self._send(swap.to, swap.data)
            wait_for(lambda: self._state() != before, 30, "the price to move")

    def mend(self) -> None:
        """Give `torn` what its reserves say."""
        for token, amount in _POOLS["torn"][1:]:
            self._send(_token(self._at, token), encode_call("transfer(address,uint256)", self._at["torn"], amount))
        wait_for(lambda: all(self._held(token) for token, _ in _POOLS["torn"][1:]), 30, "the mending")

    def _state(self) -> bytes:
        return bytes.fromhex(rpc(self._endpoint, "eth_call", self._pool.view, "latest")[2:])

    def _held(self, token: str) -> int:
        data = "0x" + encode_call("balanceOf(address)", self._at["torn"]).hex()
        return int(rpc(self._endpoint, "eth_call", {"to": _token(self._at, token), "data": data}, "latest"), 16)

    def _send(self, to: str, data: bytes) -> None:
        call = {"from": self._owner, "to": to, "data": f"0x{data.hex()}", "gas": hex(_GAS)}
        rpc(self._endpoint, "eth_sendTransaction", call)


def _token(at: Mapping[str, str], name: str) -> str:
    return at["wbtc"] if name == "wbtc" else world_addresses()[name]
