"""Flash lenders with liquidity: a small Balancer vault and a large Aave V3 pool."""

from __future__ import annotations

from collections.abc import Mapping

from eth_utils.address import to_checksum_address

from hoploop.local.evm.packages import ArtifactStore
from hoploop.local.evm.world.deployer import Deployer
from hoploop.local.evm.world.tokens import MOST, WETH_USDC, Tokens, worth

# Small on one side, so that larger trades need the other lender.
BALANCER_WETH = 10
AAVE_WETH = 2_000
AAVE_PREMIUM_BPS = 5

_NO_ADDRESS = "0x" + "00" * 20
_RAY = 10**27
_USD = 10**8
_PAUSE_WINDOW_S, _PAUSE_BUFFER_S = 7_776_000, 2_592_000
_PLAIN_LIBRARIES = (
    "SupplyLogic",
    "BorrowLogic",
    "LiquidationLogic",
    "EModeLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "PoolLogic",
)


def deploy_balancer(deployer: Deployer, store: ArtifactStore, tokens: Tokens) -> Mapping[str, str]:
    """Address `balancer_v2.vault`; it lends what it holds, free of charge."""
    authorizer = deployer.deploy(store.get("Authorizer"), deployer.owner)
    windows = (_PAUSE_WINDOW_S, _PAUSE_BUFFER_S)
    vault = deployer.deploy(store.get("Vault"), authorizer, tokens.weth, *windows)
    for name in ("weth", "usdc"):
        deployer.send(store.get("MintableERC20"), tokens.address(name), "transfer", vault, worth(name, BALANCER_WETH))
    return {"balancer_v2.vault": vault}


async def deploy_aave(deployer: Deployer, store: ArtifactStore, tokens: Tokens) -> Mapping[str, str]:
    """Address `aave_v3.pool`, with WETH and USDC supplied and flash loans on at 5 bps."""
    provider_art = store.get("PoolAddressesProvider")
    provider = deployer.deploy(provider_art, "local", deployer.owner)
    pool, configurator = await _core(deployer, store, provider)
    _oracle(deployer, store, tokens, provider)
    _reserves(deployer, store, tokens, provider, pool, configurator)
    config_art, pool_art = store.get("PoolConfigurator"), store.get("Pool")
    for name in ("usdc", "weth"):
        token = tokens.address(name)
        deployer.send(config_art, configurator, "setReserveFlashLoaning", token, True)
        deployer.send(store.get("MintableERC20"), token, "approve", pool, MOST)
        deployer.send(pool_art, pool, "supply", token, worth(name, AAVE_WETH), deployer.owner, 0)
    deployer.send(config_art, configurator, "updateFlashloanPremiumTotal", AAVE_PREMIUM_BPS)
    return {"aave_v3.pool": pool, "aave_v3.provider": provider}


async def _core(deployer: Deployer, store: ArtifactStore, provider: str) -> tuple[str, str]:
    """(pool, configurator): the proxies that the provider makes."""
    art = store.get("PoolAddressesProvider")
    libraries = {name: deployer.deploy(store.get(name)) for name in _PLAIN_LIBRARIES}
    libraries["FlashLoanLogic"] = deployer.deploy(store.get("FlashLoanLogic"), libraries=libraries)
    pool = deployer.deploy(store.get("Pool"), provider, libraries=libraries)
    deployer.send(store.get("Pool"), pool, "initialize", provider)
    configurator = deployer.deploy(store.get("PoolConfigurator"), libraries=libraries)
    deployer.send(store.get("PoolConfigurator"), configurator, "initialize", provider)
    deployer.send(art, provider, "setACLAdmin", deployer.owner)
    acl = deployer.deploy(store.get("ACLManager"), provider)
    deployer.send(art, provider, "setACLManager", acl)
    deployer.send(store.get("ACLManager"), acl, "addPoolAdmin", deployer.owner)
    deployer.send(store.get("ACLManager"), acl, "addAssetListingAdmin", deployer.owner)
    deployer.send(art, provider, "setPoolImpl", pool)
    deployer.send(art, provider, "setPoolConfiguratorImpl", configurator)
    data = deployer.deploy(store.get("AaveProtocolDataProvider"), provider)
    deployer.send(art, provider, "setPoolDataProvider", data)
    proxies = [(await deployer.call(art, provider, getter))[0] for getter in ("getPool", "getPoolConfigurator")]
    return to_checksum_address(proxies[0]), to_checksum_address(proxies[1])


def _oracle(deployer: Deployer, store: ArtifactStore, tokens: Tokens, provider: str) -> None:
    aggregator = store.get("MockAggregator")
    sources = [deployer.deploy(aggregator, WETH_USDC * _USD), deployer.deploy(aggregator, _USD)]
    assets = [tokens.weth, tokens.usdc]
    base = (_NO_ADDRESS, _NO_ADDRESS, _USD)
    oracle = deployer.deploy(store.get("AaveOracle"), provider, assets, sources, *base)
    deployer.send(store.get("PoolAddressesProvider"), provider, "setPriceOracle", oracle)


def _reserves(
    deployer: Deployer, store: ArtifactStore, tokens: Tokens, provider: str, pool: str, configurator: str
) -> None:
    kinds = ("AToken", "StableDebtToken", "VariableDebtToken")
    implementations = [deployer.deploy(store.get(kind), pool) for kind in kinds]
    percent = _RAY // 100
    rates = (80 * percent, 0, 4 * percent, 75 * percent, percent // 2, 75 * percent, percent, 8 * percent, 20 * percent)
    strategy = deployer.deploy(store.get("DefaultReserveInterestRateStrategy"), provider, *rates)
    inputs = []
    for name, decimals, symbol in (("usdc", 6, "USDC"), ("weth", 18, "WETH")):
        labels = [text for prefix in ("a", "vd", "sd") for text in (prefix + symbol, prefix + symbol)]
        asset = tokens.address(name)
        inputs.append((*implementations, decimals, strategy, asset, deployer.owner, _NO_ADDRESS, *labels, b""))
    deployer.send(store.get("PoolConfigurator"), configurator, "initReserves", inputs)
