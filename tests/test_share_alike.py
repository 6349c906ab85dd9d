"""Share-alike recordings: a model that was trained on them, or taught by such a model, is published apart."""

import pytest

from export.licences import licence_text, share_alike
from export.ship import folder_for, ship
from firmware.paths import ROOT
from train.recipe import load_recipe

RECIPE = load_recipe("wake-ssm-20k")


def test_a_model_of_share_alike_recordings_does_not_go_into_the_tree(tmp_path):
    with pytest.raises(ValueError, match="share-alike .*CC BY-SA 4.0.* INTO=folder"):
        ship(RECIPE.name)
    with pytest.raises(ValueError, match="must stay outside of"):
        ship(RECIPE.name, ROOT / "docs")
    assert folder_for(RECIPE, tmp_path) == tmp_path / RECIPE.name
    assert folder_for(load_recipe("hello"), None).is_relative_to(ROOT)


def test_what_a_share_alike_teacher_taught_is_share_alike():
    assert share_alike(RECIPE) == "CC BY-SA 4.0" and share_alike(load_recipe("commands-6k")) is None
    taught = load_recipe("hello").model_copy(update={"teacher": type("Taught", (), {"recipe": RECIPE.name})})
    assert share_alike(taught) == "CC BY-SA 4.0"
    assert "CC BY-SA 4.0" in licence_text(taught) and "MIT" not in licence_text(taught)
    assert licence_text(load_recipe("hello")).startswith("Licence: MIT")
