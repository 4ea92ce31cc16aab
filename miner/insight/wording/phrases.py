"""Everything about phrases, from one pass over the texts of a window."""

from __future__ import annotations

from miner.insight.changes.compare import Comparison
from miner.insight.facts.phrases import Phrases
from miner.insight.verbatims import Shelf
from miner.insight.window import Window
from miner.insight.wording.emerging import emerging
from miner.insight.wording.keyphrases import keyphrases
from miner.insight.wording.phrase_changes import phrase_changes
from miner.insight.wording.phrase_text import FEWEST, read_phrases


def find_phrases(window: Window, windows: Comparison, shelf: Shelf) -> Phrases:
    """Return the keyphrases of the themes, what is said more or less, and what has no theme.

    Parameters
    ----------
    windows : the two that are compared for what is said more or less, and what is new.

    Notes
    -----
    Only redacted texts are read. Memory: about 90 bytes a word while it lasts, so 300 MB for
    100,000 feedback of 30 words.
    """
    text = read_phrases(window, shelf)
    return Phrases(
        keyphrases=keyphrases(text),
        changes=phrase_changes(text, windows),
        emerging=emerging(text, windows),
        fewest=FEWEST,
    )
