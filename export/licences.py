"""The licence of a model, which its training data decides, including its teacher's training data."""

from train.recipe import load_recipe

SHARE_ALIKE = {"wake_words": "CC BY-SA 4.0"}
"""Kind of corpus: the licence that a model trained on it inherits."""

MIT = "Licence: MIT, like all of Jerboa. The recordings keep their own licences; attribute them as listed above."


def share_alike(recipe):
    """The share-alike licence that a recipe's model inherits, or None."""
    for section in recipe.corpora:
        if section.kind in SHARE_ALIKE:
            return SHARE_ALIKE[section.kind]
    return share_alike(load_recipe(recipe.teacher.recipe)) if recipe.teacher else None


def licence_text(recipe):
    """The paragraph of a model card about the licence."""
    licence = share_alike(recipe)
    if licence is None:
        return MIT
    return (
        f"Licence: {licence}, inherited from the recordings that the weights were trained on. It covers the weights and\n"
        "everything made from them, the files of this folder included. Attribute the recordings as listed above. These files\n"
        "are not part of Jerboa: publish them separately."
    )
