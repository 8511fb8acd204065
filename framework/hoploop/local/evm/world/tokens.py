"""The three tokens of the world, and everybody's starting balance."""

from __future__ import annotations

import msgspec

from hoploop.local.evm.packages import ArtifactStore
from hoploop.local.evm.world.deployer import Deployer

WETH_USDC = 3_000
"""Reference price: whole USDC, and whole DAI, for one WETH."""
UNIT = {"weth": 10**18, "usdc": 10**6, "dai": 10**18}
MOST = 2**256 - 1

_OWNER_WETH = 100_000
_TRAFFIC_WETH = 1_000_000


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the tokens."""

    weth: str
    usdc: str
    dai: str

    def address(self, name: str) -> str:
        """By short name."""
        return {"weth": self.weth, "usdc": self.usdc, "dai": self.dai}[name]


def worth(name: str, weth: int) -> int:
    """Base units of a token worth that many whole WETH at the reference price."""
    return weth * UNIT[name] * (1 if name == "weth" else WETH_USDC)


def deploy_tokens(deployer: Deployer, store: ArtifactStore, *, traffic: str) -> Tokens:
    """WETH9 plus mintable USDC (6 decimals) and DAI (18); stocks for the owner and the traffic account."""
    weth9, mintable = store.get("WETH9"), store.get("MintableERC20")
    tokens = Tokens(
        weth=deployer.deploy(weth9),
        usdc=deployer.deploy(mintable, "USD Coin", "USDC", 6),
        dai=deployer.deploy(mintable, "Dai Stablecoin", "DAI", 18),
    )
    deployer.send(weth9, tokens.weth, "deposit", value=(_OWNER_WETH + _TRAFFIC_WETH) * 10**18)
    deployer.send(weth9, tokens.weth, "transfer", traffic, _TRAFFIC_WETH * 10**18)
    for name in ("usdc", "dai"):
        deployer.send(mintable, tokens.address(name), "mint", deployer.owner, worth(name, _OWNER_WETH))
        deployer.send(mintable, tokens.address(name), "mint", traffic, worth(name, _TRAFFIC_WETH))
    return tokens
