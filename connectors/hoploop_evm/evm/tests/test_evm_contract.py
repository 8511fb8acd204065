"""The published contract of chains, kept by the EVM chain."""

from __future__ import annotations

from evm_fakes import config, scope

from hoploop.plugin.testing import ChainContract, ConnectorContract
from hoploop_evm.evm import CONNECTOR


class TestEvmConnector(ConnectorContract):
    connector = CONNECTOR


class TestEvmChain(ChainContract):
    connector = CONNECTOR
    config = config()
    scope = scope()
