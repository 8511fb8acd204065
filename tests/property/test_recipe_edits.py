"""Whatever edits make of a recipe, their differences make it again: audit trails lead to the plan that ran."""

from __future__ import annotations

import json
import os

from random_edits import Editor
from repository import ROOT, first_party

from hoploop.errors import RecipeError
from hoploop.recipe.load import Pipeline
from hoploop.recipe.propose import Replayer, loaded
from hoploop.recipe.source import read_source

EDITS = int(os.environ.get("HOPLOOP_EDITS", "25"))
RECIPE = ROOT / "recipes" / "paper" / "two_chains.yaml"


def test_differences_of_random_edits_lead_to_the_same_plans_as_the_edits() -> None:
    pipeline, replayer = Pipeline(first_party(), {}), Replayer(first_party())
    start = json.loads(json.dumps(loaded(pipeline.inspect(read_source(RECIPE))).document))
    editor, document, taken = Editor(11, pipeline.schemas, start), start, 0
    while taken < EDITS:
        try:
            made = replayer.replay(document, editor.edit(document).changes)
        except RecipeError:
            continue
        if made.changes:
            assert replayer.replay(document, made.changes) == made
            document, taken = json.loads(json.dumps(made.loaded.document)), taken + 1
