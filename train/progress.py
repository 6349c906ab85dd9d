"""Progress bars, shown only where somebody looks: nothing is printed into a file or a pipe."""

from tqdm import tqdm


def progress(items, what, unit="clip", **settings):
    """The items, with a bar while they are gone through; settings are tqdm's."""
    return tqdm(items, what, unit=unit, disable=None, **settings)
