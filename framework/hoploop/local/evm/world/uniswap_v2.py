"""Uniswap V2 and a fork with another fee: factory, router and pairs with liquidity at the reference price."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from eth_utils.crypto import keccak

from hoploop.local.evm.packages import ArtifactStore
from hoploop.local.evm.world.deployer import Deployer
from hoploop.local.evm.world.tokens import Tokens, worth


class V2Design(msgspec.Struct, frozen=True, kw_only=True):
    """One constant-product exchange of the world."""

    key: str
    factory: str
    pair: str
    """Names of its artifacts."""
    pairs: tuple[tuple[str, str, int], ...]
    """(token, token, liquidity on each side in whole WETH at the reference price)."""


UNISWAP_V2 = V2Design(
    key="uniswap_v2",
    factory="UniswapV2Factory",
    pair="UniswapV2Pair",
    pairs=(("weth", "usdc", 5_000), ("weth", "dai", 3_000), ("usdc", "dai", 4_000)),
)
PANCAKESWAP_V2 = V2Design(
    key="pancakeswap_v2",
    factory="PancakeFactory",
    pair="PancakePair",
    pairs=(("weth", "usdc", 3_000), ("weth", "dai", 2_000)),
)


async def deploy_v2(deployer: Deployer, store: ArtifactStore, tokens: Tokens, design: V2Design) -> Mapping[str, str]:
    """Addresses: `<key>.factory`, `<key>.router`, and `<key>.<token>_<token>` for each pair."""
    factory, pair = store.get(design.factory), store.get(design.pair)
    at = {"factory": deployer.deploy(factory, deployer.owner)}
    at["router"] = deployer.deploy_code(_router_code(store, design, at["factory"], tokens.weth))
    for left, right, _ in design.pairs:
        deployer.send(factory, at["factory"], "createPair", tokens.address(left), tokens.address(right))
    erc20 = store.get("MintableERC20")
    for left, right, depth in design.pairs:
        ends = (tokens.address(left), tokens.address(right))
        address = (await deployer.call(factory, at["factory"], "getPair", *ends))[0]
        at[f"{left}_{right}"] = address
        for name in (left, right):
            deployer.send(erc20, tokens.address(name), "transfer", address, worth(name, depth))
        deployer.send(pair, address, "mint", deployer.owner)
    return {f"{design.key}.{name}": address for name, address in at.items()}


def _router_code(store: ArtifactStore, design: V2Design, factory: str, weth: str) -> bytes:
    """The published router finds pairs by the hash of the pair's creation code: for a fork, put in the fork's."""
    code = store.get("UniswapV2Router02").creation_code(factory, weth)
    published, ours = (keccak(store.get(name).creation_code()) for name in (UNISWAP_V2.pair, design.pair))
    return code.replace(published, ours)
