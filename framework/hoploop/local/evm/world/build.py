"""Deploy the whole world on a fresh anvil; the same addresses on every run."""

from __future__ import annotations

from collections.abc import Mapping

from eth_utils.address import to_checksum_address

from hoploop.local.evm.accounts import COINBASE, address_of
from hoploop.local.evm.anvil import GAS_LIMIT
from hoploop.local.evm.packages import ArtifactStore, executor_artifact
from hoploop.local.evm.rpc import IpcClient
from hoploop.local.evm.world.deployer import Deployer
from hoploop.local.evm.world.lenders import deploy_aave, deploy_balancer
from hoploop.local.evm.world.tokens import deploy_tokens
from hoploop.local.evm.world.uniswap_v2 import PANCAKESWAP_V2, UNISWAP_V2, deploy_v2
from hoploop.local.evm.world.uniswap_v3 import deploy_v3

EXECUTOR_WETH = 3
"""Own money of the executor contract, whole WETH: small trades need no loan."""

_RICH = 10_000_000 * 10**18
_PLAIN = 1_000 * 10**18
_DEPLOY_GAS_LIMIT = 2_000_000_000


async def build_world(rpc: IpcClient, store: ArtifactStore) -> dict[str, str]:
    """Deploy and fund; name -> checksummed address. The chain is left with no impersonation and its usual gas limit."""
    owner, executor, traffic = address_of("owner"), address_of("executor"), address_of("traffic")
    await rpc.call("anvil_setCoinbase", COINBASE)
    for address, amount in ((owner, _RICH), (traffic, _RICH), (executor, _PLAIN)):
        await rpc.call("anvil_setBalance", address, hex(amount))
    await rpc.call("evm_setBlockGasLimit", hex(_DEPLOY_GAS_LIMIT))
    await rpc.call("anvil_impersonateAccount", owner)
    addresses = await _deploy(Deployer(rpc, owner), store, executor=executor, traffic=traffic)
    await rpc.call("anvil_stopImpersonatingAccount", owner)
    await rpc.call("evm_setBlockGasLimit", hex(GAS_LIMIT))
    await rpc.call("evm_mine")
    return addresses | {"owner": owner, "executor_eoa": executor, "traffic": traffic, "coinbase": COINBASE}


async def _deploy(deployer: Deployer, store: ArtifactStore, *, executor: str, traffic: str) -> dict[str, str]:
    # First, so that its address does not move when the world grows.
    at: dict[str, str] = {"executor": deployer.deploy(executor_artifact(), deployer.owner, executor)}
    tokens = deploy_tokens(deployer, store, traffic=traffic)
    at |= {"weth": tokens.weth, "usdc": tokens.usdc, "dai": tokens.dai}
    groups: list[Mapping[str, str]] = [
        await deploy_v2(deployer, store, tokens, UNISWAP_V2),
        await deploy_v2(deployer, store, tokens, PANCAKESWAP_V2),
        await deploy_v3(deployer, store, tokens),
        deploy_balancer(deployer, store, tokens),
        await deploy_aave(deployer, store, tokens),
    ]
    for group in groups:
        at |= group
    deployer.send(store.get("WETH9"), tokens.weth, "transfer", at["executor"], EXECUTOR_WETH * 10**18)
    await deployer.flush()
    return {name: to_checksum_address(address) for name, address in at.items()}
