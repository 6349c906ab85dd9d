"""Under which licence a model may be passed on: what it was trained on decides, be it through a teacher."""

from train.recipe import load_recipe

SHARE_ALIKE = {"wake_words": "CC BY-SA 4.0"}
"""Corpora whose licence a model inherits that was trained on them."""

MIT = "Licence: MIT, as all of Jerboa. The recordings keep their own licences; attribute them as listed above."


def share_alike(recipe):
    """The licence that a model of a recipe inherits; None where it is free to be MIT."""
    for section in recipe.corpora:
        if section.kind in SHARE_ALIKE:
            return SHARE_ALIKE[section.kind]
    return share_alike(load_recipe(recipe.teacher.recipe)) if recipe.teacher else None


def licence_text(recipe):
    """A model card's lines about its licence."""
    licence = share_alike(recipe)
    if licence is None:
        return MIT
    return (
        f"Licence: {licence}, inherited from the recordings that the weights were trained on; it covers the weights and\n"
        "everything made of them, these files included. Attribute the recordings as listed above. They are no part of Jerboa:\n"
        "publish them apart."
    )
