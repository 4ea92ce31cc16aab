"""py3langid's model, unpacked in one go.

py3langid unpacks in some 700 pieces, to spare memory, and waits for the interpreter's lock after
each: beside another busy thread it gets nowhere. One call needs the lock once, and 70 MB for half
a second.
"""

from __future__ import annotations

import io
import lzma
from array import array
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_CODES: Final = {2: "H", 4: "I", 8: "L"}  # of `array`, by bytes of an item


def load_identifier() -> LanguageIdentifier:
    """Return py3langid's identifier with its own model, giving probabilities.

    Of a version that keeps its model in another layout it is loaded as that version does it.
    """
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    try:
        return _in_one_go()
    except (ImportError, OSError, KeyError, TypeError, ValueError, lzma.LZMAError):
        return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _in_one_go() -> LanguageIdentifier:
    """Return the identifier from the layout of py3langid 0.3 (`py3langid.modelio.load_model`)."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

    unpacked = io.BytesIO(lzma.decompress((MODEL_DIR / MODEL_FILE).read_bytes()))
    with np.load(unpacked, allow_pickle=False) as data:
        return LanguageIdentifier(
            data["ptc"],
            data["pc"],
            data["classes"].tolist(),
            _plain(data["nextmove"]),
            data["out_feat"].tolist(),
            norm_probs=True,
            tk_row=_plain(data["nextmove_row"]),
        )


def _plain(numbers: NDArray[Any]) -> array[int]:
    """Return numbers as an array whose items are read one by one at half the cost."""
    found = array(_CODES[numbers.dtype.itemsize])
    found.frombytes(np.ascontiguousarray(numbers).tobytes())
    return found
