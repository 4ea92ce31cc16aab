"""spaCy's tokenizer of a language, and nothing around it.

`spacy.blank` gives the same one inside an empty pipeline, which takes half as long again: settings
are filled in and checked, and every installed package that offers components is loaded.
"""

from __future__ import annotations

from typing import Any, Final

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]  # compiled, no stub
from spacy.util import (
    compile_infix_regex,
    compile_prefix_regex,
    compile_suffix_regex,
    get_lang_class,
)
from spacy.vocab import create_vocab

from miner.text.language_data import NEUTRAL

_BY_RULES: Final = Language.default_config["nlp"]["tokenizer"]


def blank_tokenizer(code: str) -> Any:
    """Return spaCy's tokenizer of a language; codes it does not know get its neutral one.

    It cuts as that of ``spacy.blank(code)`` does but for rules that hold white space, which are
    left out: they would join words. Its words have no attributes.

    Examples
    --------
    >>> [token.text for token in blank_tokenizer("en")("Don't!")]
    ['Do', "n't", '!']
    """
    try:
        language = get_lang_class(code)
        if language.default_config["nlp"]["tokenizer"] != _BY_RULES:
            return spacy.blank(code).tokenizer
    except ImportError:
        language = get_lang_class(NEUTRAL)
    return _by_rules(language)


def _by_rules(language: type[Language]) -> Tokenizer:
    """Return what `spacy.language.create_tokenizer` makes for a pipeline of this language."""
    given: Any = language.Defaults
    rules = given.tokenizer_exceptions
    vocab = create_vocab(language.lang, given)
    # Half the cost of a new word, and nothing here reads them.
    setattr(vocab, "lex_attr_getters", {})  # noqa: B010  (no type stub names it)
    return Tokenizer(
        vocab,
        rules={text: cut for text, cut in rules.items() if " " not in text.strip()},
        prefix_search=compile_prefix_regex(given.prefixes).search if given.prefixes else None,
        suffix_search=compile_suffix_regex(given.suffixes).search if given.suffixes else None,
        infix_finditer=compile_infix_regex(given.infixes).finditer if given.infixes else None,
        token_match=given.token_match,
        url_match=given.url_match,
    )
