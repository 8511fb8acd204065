"""The large recipe of the benchmark is a correct one, whatever it is measured to take."""

from __future__ import annotations

import importlib.util

from repository import ROOT, first_party

from hoploop.recipe.load import Pipeline
from hoploop.recipe.source import source_of


def test_the_benchmark_measures_a_recipe_without_findings() -> None:
    spec = importlib.util.spec_from_file_location("bench_recipe", ROOT / "bench" / "recipe.py")
    assert spec is not None
    assert spec.loader is not None
    bench = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bench)
    text = bench.recipe(1_000)
    found = Pipeline(first_party(), {}).inspect_all(source_of(text.encode(), "large.yaml"))
    assert found.report.findings == ()
    assert found.plan is not None
    assert len(found.plan.pools) == 2 * bench.POOLS_A_VENUE
    assert 900 < text.count("\n") < 1_100
