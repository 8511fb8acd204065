"""Whatever a recipe looks like: findings or a plan, soon, in bounded memory, and no secret in what is shown.

`HOPLOOP_FUZZ` sets the number of cases; `just deep` takes a million.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from zlib import crc32

import pytest
from recipe_mutator import BOMBS, Mutator, corpus
from toy_connectors import toy_registry

from hoploop.codes import CODES
from hoploop.recipe.formats import github, junit, sarif
from hoploop.recipe.load import Pipeline
from hoploop.recipe.render import as_builtins, concise, human
from hoploop.recipe.source import source_of

CASES = int(os.environ.get("HOPLOOP_FUZZ", "400"))
BATCH = 400
SECRET = "zq-hunter2-in-the-environment"
ENVIRON = {"TOY_CHAIN_ID": "31337", "TOY_VALUE": SECRET, "X": SECRET, "K": SECRET}
FILES = corpus()
SECONDS = 1 if "HOPLOOP_FUZZ" in os.environ else 5
"""A single case may take this much processor time; generous where other tests run beside it."""
MEBIBYTES = 600


class _Bench:
    """One pipeline over files that change from case to case."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._pipeline = Pipeline(toy_registry(), ENVIRON, self._read)

    def _read(self, path: str) -> bytes:
        if path not in self.files:
            raise FileNotFoundError(2, "No such file or directory")
        return self.files[path]

    def check(self, text: bytes) -> None:
        """One case; what it costs includes showing it. A noisy machine has three tries to be quick."""
        took = [self._checked(text)]
        while took[-1] >= SECONDS and len(took) < 3:
            took.append(self._checked(text))
        assert min(took) < SECONDS, f"{min(took):.1f} s for {len(text)} bytes"

    def _checked(self, text: bytes) -> float:
        """Seconds of processor time."""
        started = time.process_time()
        found = self._pipeline.inspect_all(source_of(text, "bad/top.yaml"))
        for finding in found.report.findings:
            assert finding.code in CODES
            assert (finding.span.line, finding.span.col) <= (finding.span.end_line, finding.span.end_col)
        reports = {found.file: found.report}
        shown = [
            human(found.report, found.snippets), concise(found.report), json.dumps(as_builtins(found.report)),
            github(reports), json.dumps(sarif(reports)), junit(reports),
        ]  # fmt: skip
        took = time.process_time() - started
        assert all(SECRET not in output for output in shown)
        assert all(line.isprintable() for output in shown[:2] for line in output.split("\n"))
        assert (found.plan is None) == (found.report.errors > 0)
        return took


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


@pytest.mark.parametrize("batch", range(-(-CASES // BATCH)))
def test_damaged_recipes_end_in_findings_or_a_plan(batch: int) -> None:
    bench, random = _Bench(), Random(batch)
    mutator = Mutator(batch, list(FILES.values()))
    before = _peak()
    for _ in range(BATCH):
        bench.files = dict(FILES)
        for name in FILES:
            if "/parts/" in name and random.random() < 0.2:
                bench.files[name] = mutator.recipe()
        text = mutator.recipe()
        bench.files["bad/top.yaml"] = text
        try:
            bench.check(text)
        except BaseException:
            _keep(bench.files)
            raise
    assert _peak() - before < MEBIBYTES


@pytest.mark.parametrize("size", [1, 9, 300, 2000])
@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_a_bomb_does_no_harm(bomb: Callable[[int], str], size: int) -> None:
    bench, text = _Bench(), bomb(size).encode()[: 1 << 20]
    bench.files = dict(FILES)
    before = _peak()
    bench.check(text)
    assert _peak() - before < MEBIBYTES


def _keep(files: dict[str, bytes]) -> None:
    """Keep the damaged files of a case where HOPLOOP_FUZZ_KEEP says, to be looked at."""
    if "HOPLOOP_FUZZ_KEEP" in os.environ:
        case = Path(os.environ["HOPLOOP_FUZZ_KEEP"], f"{crc32(files['bad/top.yaml']):08x}")
        for name, text in files.items():
            if text != FILES.get(name):
                (case / name).parent.mkdir(parents=True, exist_ok=True)
                (case / name).write_bytes(text)
