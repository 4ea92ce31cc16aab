"""Hypothesis strategies of the text tests: texts with everything feedback brings along."""

from __future__ import annotations

from hypothesis import strategies as st

SNIPPETS = (
    "great app",
    "but it crashes",
    "Hi team,",
    "Kind regards\nBo Ek",
    "> quoted",
    "!!!",
    "…",
    "😡😡",
    "👍🏽",
    "(see below)",
    '"no. never"',
    "e.g. this",
    "3.5 stars",
    "£64.99",
    "www.a.com/x",
    "@vy",
    "\n\n",
    "\n",
    " - ",
    "\u200b",
    "e\u0301",
    "ﬁne",
    "\u2019s",
    "\ud800",
    "\x00",
    "\t",
    "\r\n",
    "ＡＢ",
    "1) one",
    "• two",
    ":-)",
    "On Mon, 2 May, Bob wrote:",
    "From: a\nSent: b\nTo: c",
    "aaaaaaa",
    "\U000e0041",
    "🇸🇪",
    "however",
    ";",
)

anything = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, categories=("Cs",)),
        st.sampled_from("abc .,!?\n\u200b\u0301\u0323ﬁ“’…\U0001f621"),
    ),
    max_size=80,
)
messy = st.lists(st.one_of(st.sampled_from(SNIPPETS), anything), max_size=12).map(" ".join)
glued = st.lists(st.sampled_from(SNIPPETS), max_size=10).map("".join)
texts = st.one_of(anything, messy, glued)
