"""The family's own walk over its folders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import hoploop_evm
from hoploop.errors import BrokenConnector
from hoploop.plugin.registry import Registry


def test_every_folder_is_a_connector_and_the_registry_takes_all() -> None:
    keys = [connector.key for connector in Registry(hoploop_evm.connectors())]
    assert keys == ["aave_v3", "balancer_v2", "evm", "evm_public", "flashbots", "uniswap_v2", "uniswap_v3"]


@pytest.mark.parametrize("body", ["import nothing_like_this", "CONNECTOR = 7", ""])
def test_a_broken_folder_is_never_skipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "__init__.py").write_text(body)
    monkeypatch.setattr(hoploop_evm, "__path__", [str(tmp_path)])
    try:
        with pytest.raises(BrokenConnector, match="broken"):
            hoploop_evm.connectors()
    finally:
        sys.modules.pop("hoploop_evm.broken", None)
        vars(hoploop_evm).pop("broken", None)
