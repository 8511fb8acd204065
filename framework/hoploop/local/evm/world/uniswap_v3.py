"""Uniswap V3: WETH/USDC at two fee tiers with liquidity in overlapping, single-sided and separated ranges."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

import msgspec
from eth_utils.address import to_checksum_address

from hoploop.local.evm.packages import ArtifactStore
from hoploop.local.evm.world.deployer import Deployer
from hoploop.local.evm.world.tokens import MOST, Tokens, worth

_NO_ADDRESS = "0x" + "00" * 20
_FOREVER = 2**40


class V3Design(msgspec.Struct, frozen=True, kw_only=True):
    """One pool: fee in hundredths of a basis point and its positions."""

    name: str
    fee: int
    positions: tuple[tuple[int, int, int], ...]
    """(low, high, whole WETH worth on each side); bounds in tick spacings from the starting tick.

    Near the start many ranges overlap; ranges wholly above or below hold one token; beyond the wide range no
    liquidity at all until the outermost two."""


POOLS = (
    V3Design(
        name="weth_usdc_5",
        fee=500,
        positions=(
            (-600, 600, 1_000),
            (-60, 60, 75),
            (-20, 20, 20),
            (-10, 30, 20),
            (-5, 5, 5),
            (40, 80, 20),
            (-90, -50, 20),
            (800, 900, 100),
            (-900, -800, 100),
        ),
    ),
    V3Design(name="weth_usdc_30", fee=3000, positions=((-100, 100, 500), (-4, 4, 30), (-8, 2, 30))),
)


async def deploy_v3(deployer: Deployer, store: ArtifactStore, tokens: Tokens) -> Mapping[str, str]:
    """Addresses: `uniswap_v3.factory`, `.positions`, `.router`, and one for each pool."""
    factory, positions = store.get("UniswapV3Factory"), store.get("NonfungiblePositionManager")
    at = {"factory": deployer.deploy(factory)}
    at["positions"] = deployer.deploy(positions, at["factory"], tokens.weth, _NO_ADDRESS)
    at["router"] = deployer.deploy(store.get("SwapRouter"), at["factory"], tokens.weth)
    for token in (tokens.weth, tokens.usdc):
        deployer.send(store.get("MintableERC20"), token, "approve", at["positions"], MOST)
    first, second = sorted(("weth", "usdc"), key=lambda name: int(tokens.address(name), 16))
    ends = (tokens.address(first), tokens.address(second))
    start = isqrt((worth(second, 1) << 192) // worth(first, 1))
    for pool in POOLS:
        arguments = (*ends, pool.fee, start)
        deployer.send(positions, at["positions"], "createAndInitializePoolIfNecessary", *arguments)
        address = (await deployer.call(factory, at["factory"], "getPool", *ends, pool.fee))[0]
        at[pool.name] = to_checksum_address(address)
        tick = (await deployer.call(store.get("UniswapV3Pool"), address, "slot0"))[1]
        spacing = (await deployer.call(store.get("UniswapV3Pool"), address, "tickSpacing"))[0]
        for low, high, depth in pool.positions:
            bounds = (tick // spacing * spacing + low * spacing, tick // spacing * spacing + high * spacing)
            amounts = (worth(first, depth), worth(second, depth), 0, 0)
            mint = (*ends, pool.fee, *bounds, *amounts, deployer.owner, _FOREVER)
            deployer.send(positions, at["positions"], "mint", mint)
    return {f"uniswap_v3.{name}": address for name, address in at.items()}
