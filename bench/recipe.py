"""How long a recipe of 10,000 lines takes to validate, beside ruamel.yaml's time for its events alone.

    python bench/recipe.py [LINES] [ROUNDS]

Both are measured in turns in one process, in processor time; the ratio of the medians is what counts.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator

from ruamel.yaml import YAML

from hoploop.plugin.registry import Registry
from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import source_of

TOKENS, POOLS_A_VENUE, LINES_A_POOL = 24, 100, 4
HEAD = """\
recipe: large
mode: paper

chains:
  - id: eth
    connector: evm
    chain_id: 31337
    endpoint: embedded
    embedded: {seed: 7, block_time: 500ms}
    key: ${secret:embedded/evm_executor}
    owner: "0x00ea71424672779E493B3488eEe11383110eD810"
    executor: "0xa080179994BB21c54A64798F214545Be658b8513"
    fees: {gas_price: "2 gwei"}

routes:
  - {id: public, connector: evm_public, chain: eth}

risk:
  daily_loss: {t0: "1 T0"}

vars:
  least: "0.0005 T0"

defaults:
  venues: {connector: uniswap_v2, chain: eth, fee: 30bps}

"""


def recipe(lines: int) -> str:
    """A recipe of about that many lines: tokens, venues with pools between them, a strategy for every venue."""
    return HEAD + "\n".join([*_assets(), "venues:", *_venues(lines), "", "strategies:", *_strategies(lines)]) + "\n"


def _address(number: int) -> str:
    return f'"0x{number + 1:040x}"'


def _venue_count(lines: int) -> int:
    return max(1, lines // (POOLS_A_VENUE * LINES_A_POOL + 10))


def _assets() -> Iterator[str]:
    yield "assets:"
    for token in range(TOKENS):
        yield f"  - id: t{token}\n    chain: eth\n    address: {_address(token)}"
        yield f"    symbol: T{token}\n    decimals: 18\n    wraps_native: {'true' if token == 0 else 'false'}"
    yield ""


def _venues(lines: int) -> Iterator[str]:
    number = TOKENS
    for venue in range(_venue_count(lines)):
        yield f"  - id: v{venue}\n    pools:"
        for pool in range(POOLS_A_VENUE):
            one = pool % TOKENS
            other = (one + 1 + pool // TOKENS) % TOKENS
            number += 1
            yield f"      - name: p{pool}\n        address: {_address(number)}"
            yield f"        token0: t{min(one, other)}\n        token1: t{max(one, other)}"


def _strategies(lines: int) -> Iterator[str]:
    for venue in range(_venue_count(lines)):
        yield f"  - id: s{venue}\n    chain: eth\n    base: t0\n    pools: [v{venue}]\n    routes: {{order: [public]}}"
        yield '    size: {max_notional: "50 T0"}\n    profit: {min: "${var:least}"}'


def _events(text: str) -> None:
    for _ in YAML(typ="safe", pure=True).parse(text):
        pass


def _timed(call: Callable[[], object]) -> int:
    started = time.process_time_ns()
    call()
    return time.process_time_ns() - started


def main(lines: int = 10_000, rounds: int = 5) -> None:
    """Measure and print."""
    text = recipe(lines)
    source = source_of(text.encode(), "large.yaml")
    pipeline = Pipeline(Registry.installed(), {})
    found = pipeline.inspect_all(source)
    assert found.plan is not None, found.report.findings[:3]
    parsing, validating = [], []
    for _ in range(rounds):
        parsing.append(_timed(lambda: _events(text)))
        validating.append(_timed(lambda: pipeline.inspect_all(source)))
    one, other = statistics.median(parsing), statistics.median(validating)
    print(f"{text.count(chr(10))} lines, {len(text) >> 10} KiB, {len(found.plan.pools)} pools")
    print(f"events {one / 1e6:.0f} ms, validate {other / 1e6:.0f} ms, ratio {other / one:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
