"""What a recipe says of a Jito block engine."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from hoploop.plugin.connector import ChainScope, Costs, OnChainConfig
from hoploop.plugin.fields import Endpoint, Lamports, Share

MIN_TIP_LAMPORTS = 1_000
"""Least tip block engines take."""
# Published by Jito (docs, lowlatencytxnsend); the same on mainnet for years, `getTipAccounts` lists them.
TIP_ACCOUNTS = (
    "96gYZGLnJYVFmbjzopPSU6QiEV5fGqZNyN9nmNhvrZU5",
    "HFqU5x63VTqvQss8hp11i4wVV8bD44PvwucfZ2bU7gRe",
    "Cw8CFyM9FkoMi7K7Crf6HNQqf4uEMzpKw6QNghXLvLkY",
    "ADaUMid9yfUytqMBgopwjb2DTLSokTSzL1zt6iGPaS49",
    "DfXygSm4jCyNCybVYYK6DwvWqjKee8pbDmJGcLWNDXjh",
    "ADuUkR4vqLUMWXxW9gh6D6L8pMSawimctcNZ5pGwDcEt",
    "DttWaMuVvTiduZRnguLF7jNxTgiMBZ1hyAumKUiL2KRL",
    "3AVi9Tg9Uo68tJfuvoKvqKNWKkC5wPdSSdeBnizKZ6jT",
)


class TipPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of the gross profit, flash fee paid, goes to the leader."""

    share: Annotated[Share, Meta(description="Part of the gross profit that is tipped", examples=["10%"])]
    min: Annotated[
        Lamports,
        Meta(description="Smallest tip; block engines take none below 1000 lamports", ge=0, examples=["1000 lamports"]),
    ]
    max: Annotated[Lamports, Meta(description="Largest tip", ge=0, examples=["0.01 SOL"])]


class JitoConfig(OnChainConfig, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One block engine."""

    url: Annotated[
        Endpoint,
        Meta(
            description="Base URL of the block engine, or `embedded`; ${secret:…} when it holds a key",
            pattern=r"^(embedded|https?://\S+|\$\{secret:\S+\})$",
            examples=["https://mainnet.block-engine.jito.wtf"],
        ),
    ]
    tip: Annotated[TipPolicy, Meta(description="Tip policy")]


def costs(config: JitoConfig) -> Costs:
    """The largest tip."""
    return Costs(max_tip=config.tip.max, tip_account=TIP_ACCOUNTS[0], atomic=True)


def check(config: JitoConfig, scope: ChainScope) -> list[str]:
    """Tips that no block engine takes, or that contradict each other."""
    problems = []
    if config.tip.min < MIN_TIP_LAMPORTS:
        problems.append(f"tip.min: block engines take no tip below {MIN_TIP_LAMPORTS} lamports")
    if config.tip.max < config.tip.min:
        problems.append("tip.max: is below tip.min")
    if config.tip.share.num > config.tip.share.den:
        problems.append("tip.share: more than the whole profit")
    return problems
