"""A column of texts out of whatever scikit-learn hands to a transformer."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import issparse

from miner.errors import TextsError

_WANTED: Final = "texts: a list, a Series, or one column of an array or a DataFrame"


def column_of(given: Any) -> list[object]:
    """Return the texts as Python objects, missing ones as None.

    A value that is no text stays as it is (it has no mentions), but a column without a single text
    that isn't all missing is taken for the wrong column.

    Parameters
    ----------
    given : shape (n_texts,) or (n_texts, 1), one text or more.

    Raises
    ------
    TextsError
        It has another shape, is sparse, empty, or holds no text at all.

    Examples
    --------
    >>> column_of(pd.DataFrame({"comment": ["Too slow.", None]}))
    ['Too slow.', None]
    """
    if issparse(given):
        raise _refused("a sparse matrix")
    array = np.asarray(given, dtype=object)
    _check_shape(array, given)
    flat = array.reshape(-1)
    missing = pd.isna(flat)
    if not missing.all() and not any(isinstance(one, str) for one in flat):
        found = getattr(given, "dtype", None) or type(flat[~missing][0]).__name__
        if getattr(found, "kind", "") == "c":
            found = f"{found} (Complex data not supported)"
        raise _refused(f"values without a text among them: {found}")
    return [None if gone else one for one, gone in zip(flat, missing, strict=True)]


def _check_shape(array: NDArray[np.object_], given: Any) -> None:
    if array.ndim == 0:
        raise _refused("one text" if isinstance(given, str) else f"a {type(given).__name__}")
    if len(array) == 0:
        raise _refused("0 texts")
    if array.ndim == 2 and array.shape[1] == 0:
        # the words that scikit-learn's own checks look for
        raise _refused(f"0 feature(s) (shape={array.shape}) while a minimum of 1 is required")
    if array.ndim > 2 or array.shape[1:] not in ((), (1,)):
        raise _refused(f"an array of shape {array.shape}")


def _refused(got: str) -> TextsError:
    return TextsError(
        f"Got {got}; expected {_WANTED}.",
        hint='Name one column: frame["comment"], or a ColumnTransformer.',
        slug="engine.no-texts",
    )
