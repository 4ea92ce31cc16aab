"""What words show: the rules of each kind, with counter-examples, and the laws of the finder."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import texts

from miner.text.clauses import Clauser
from miner.text.signal_rules import load_rules, shipped_rules
from miner.text.signals import Hit, SignalFinder
from miner.types import SIGNALS

CLAUSER = Clauser("en")
FINDER = SignalFinder(CLAUSER)
RULED = set(SIGNALS) - {"complaint", "praise"}

SHOWN = [
    ("churn_risk", "Never again, what a circus.", "Never again"),
    ("churn_risk", "We won't be coming back to this hotel.", "won't be coming back to this hotel"),
    ("churn_risk", "I am switching to another bank", "I am switching to another bank"),
    ("churn_risk", "please cancel my subscription", "please cancel my subscription"),
    ("churn_risk", "Took my business elsewhere in May.", "Took my business elsewhere in May"),
    ("churn_risk", "Thinking of leaving after nine years.", "Thinking of leaving after nine years"),
    ("advocacy", "I'd recommend them to anybody with a dog", "recommend them to anybody with"),
    ("advocacy", "told all my friends about this bakery", "told all my friends about this bakery"),
    ("advocacy", "Honestly can't recommend her enough", "can't recommend her enough"),
    ("advocacy", "Go for it!", "Go for it"),
    ("warning", "Avoid.", "Avoid"),
    ("warning", "Dont waste your money on this kettle", "Dont waste your money"),
    ("warning", "Stay well away from the night bus.", "Stay well away from"),
    ("warning", "Save yourself the bother, folks.", "Save yourself the bother"),
    ("request", "Please send a new lid.", "Please send a new lid"),
    ("request", "could you add a weekly summary?", "could you add a weekly summary"),
    ("request", "I want my money back", "I want my money back"),
    ("request", "Bring back the ginger biscuits", "Bring back the ginger biscuits"),
    ("request", "it would be great to have a night mode", "it would be great to have a night mode"),
    ("question", "Does the cot fold flat?", "Does the cot fold flat?"),
    ("question", "what time do you close on sundays", "what time do you close on sundays"),
    ("question", "Can I pay with a gift card", "Can I pay with a gift card"),
    ("question", "does anyone know if it fits a van", "does anyone know if it fits a van"),
    (
        "question",
        "What is the fee for a lost key?",
        "What is the fee for a lost key?",
    ),
    ("question", "On which days is the ferry late?", "On which days is the ferry late?"),
    ("question", "whats the code for the bike shed", "whats the code for the bike shed"),
    ("question", "Kindly tell us if the pier is open", "Kindly tell us if the pier is open"),
    ("effort", "Rang four times about the boiler", "Rang four times"),
    ("effort", "this is my third email about the deposit", "this is my third email"),
    ("effort", "passed from desk to desk all day", "passed from"),
    ("effort", "had to explain it all over again", "explain it all over"),
    ("effort", "in the end I fixed it myself", "in the end I fixed"),
    ("urgency", "Please answer today.", "today"),
    ("urgency", "I need it by Friday", "need it by Friday"),
    ("urgency", "No heating since Sunday, and a baby here", "No heating since"),
    ("urgency", "this is urgent", "this is urgent"),
    ("safety", "The plug melted in the wall.", "plug melted"),
    ("safety", "my son burned his hand on the handle", "burned his hand"),
    ("safety", "There was a smell of gas in the hall", "smell of gas"),
    ("safety", "Got someone else's medical records in the post", "someone else's medical records"),
    ("safety", "it gave me food poisoning", "food poisoning"),
    ("legal_threat", "You will hear from my solicitor.", "hear from my solicitor"),
    ("legal_threat", "next stop is the small claims court", "small claims court"),
    ("legal_threat", "I'm going to the ombudsman", "ombudsman"),
    ("legal_threat", "I've asked my bank for a chargeback", "chargeback"),
]

NOT_SHOWN = [
    ("churn_risk", "Never had a problem, never again will I worry."),
    ("churn_risk", "The driver cancelled and nobody told us."),
    ("churn_risk", "We would go back tomorrow."),
    ("churn_risk", "The app never crashes."),
    ("churn_risk", "Cancelling my order took one click."),
    ("advocacy", "I would not recommend their kettles to a soul."),
    ("advocacy", "I won't be recommending them to anyone"),
    ("advocacy", "The waiter recommended the fish."),
    ("advocacy", "Would I recommend it? Hardly."),
    ("warning", "I managed to avoid the queue."),
    ("warning", "They don't use plastic bags."),
    ("warning", "Don't worry about the stairs."),
    ("request", "They always send a card at Christmas."),
    ("request", "I wish I had never opened the box"),
    ("request", "it has everything I need"),
    ("request", "Please note that we are closed"),
    ("question", "How hard can it be?"),
    ("question", "Would I stay again? Maybe."),
    ("question", "Could you send me a copy?"),
    ("question", "You know what you get."),
    ("question", "What a view!"),
    ("question", "What is the point of a lift that never comes?"),
    ("question", "What sort of company hides its number?"),
    ("question", "Could you please turn the music down?"),
    ("effort", "The nurse rang me twice to see how I was."),
    ("effort", "I didn't have to chase anybody"),
    ("effort", "We enjoyed ourselves."),
    ("urgency", "No need to hurry."),
    ("urgency", "They answered immediately."),
    ("urgency", "My parcel came today."),
    ("safety", "No burns, no rash, nothing."),
    ("safety", "It fell apart after a week."),
    ("safety", "The prices burn a hole in my pocket"),
    ("legal_threat", "We sat in the food court."),
    ("legal_threat", "Our solicitor was patience itself."),
    ("legal_threat", "The tennis court is lovely."),
]


def found(text: str, finder: SignalFinder = FINDER) -> dict[str, str]:
    """The words of each kind found in a text."""
    clauser = finder.__reduce__()[1][0]
    batch = clauser.analyse([text])
    words = {}
    for row, kind, first, last in finder.find(batch.tokens):
        base = sum(len(tokens) for tokens in batch.tokens[:row])
        start, end = batch.token_start[base + first], batch.token_end[base + last]
        words.setdefault(SIGNALS[kind], text[start:end])
    return words


@pytest.mark.parametrize(("kind", "text", "words"), SHOWN)
def test_words_that_show_a_signal(kind: str, text: str, words: str) -> None:
    assert found(text).get(kind) == words


@pytest.mark.parametrize(("kind", "text"), NOT_SHOWN)
def test_words_that_only_look_like_one(kind: str, text: str) -> None:
    assert kind not in found(text)


def test_every_kind_with_rules_has_examples_and_counter_examples() -> None:
    assert {kind for kind, *_ in SHOWN} == {kind for kind, _ in NOT_SHOWN} == RULED
    assert set(FINDER.kinds) == RULED


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("NEVER AGAIN", "never again"),
        ("i wont be back", "I won't be back"),
        ("I’ve told all my friends about it", "I've told all my friends about it"),
        ("pls send me a new one", "please send me a new one"),
        ("would reccomend", "would recommend"),
        ("ur app: do nt waste ur time", "your app: don't waste your time"),
    ],
)
def test_case_typing_and_quotes_do_not_matter(typed: str, plain: str) -> None:
    assert list(found(typed)) == list(found(plain)) != []


@given(texts)
def test_a_signal_stands_within_its_clause(text: str) -> None:
    batch = CLAUSER.analyse([text])
    hits = FINDER.find(batch.tokens)
    assert [(one.clause, one.kind) for one in hits] == sorted({(h.clause, h.kind) for h in hits})
    for row, _, first, last in hits:
        assert 0 <= first <= last < len(batch.tokens[row])


SENTENCES = [text for _, text, _ in SHOWN] + [text for _, text in NOT_SHOWN]


@given(st.lists(st.sampled_from(SENTENCES), max_size=40))  # a few are looked up in another way
def test_what_a_clause_shows_depends_on_it_alone(chosen: list[str]) -> None:
    tokens = [CLAUSER.tokens(text) for text in chosen]
    alone = [Hit(row, *hit[1:]) for row, words in enumerate(tokens) for hit in FINDER.find([words])]
    assert FINDER.find(tokens) == alone


def test_a_copy_finds_the_same() -> None:
    copy = pickle.loads(pickle.dumps(FINDER))
    tokens = [CLAUSER.tokens(text) for text in SENTENCES]
    assert copy.find(tokens) == FINDER.find(tokens) != []


def test_long_and_hostile_clauses_are_answered() -> None:
    for words in (("never",) * 3000, ("please", "send") * 1500, ("i", "need", "it") * 900, ("?",)):
        assert all(hit.last < len(words) for hit in FINDER.find([words]))


def test_a_language_without_rules_has_none() -> None:
    finder = SignalFinder(Clauser("tlh"))
    assert finder.kinds == ()
    assert finder.find([("never", "again")]) == []


IN_LANGUAGES = [
    ("de", "Nie wieder bestelle ich hier!", {"churn_risk"}),
    ("de", "Könnten Sie mir die Rechnung schicken?", {"request"}),
    ("de", "Wann öffnet die Filiale in Bonn?", {"question"}),
    ("de", "Kann ich leider nicht empfehlen.", set()),
    ("de", "Ich habe schon dreimal angerufen.", {"effort"}),
    ("sv", "Jag har sagt upp mitt abonnemang.", {"churn_risk"}),
    ("sv", "Rekommenderar inte det här stället.", set()),
    ("sv", "Undvik denna butik.", {"warning"}),
    ("sv", "Laddaren började ryka, rena brandfaran.", {"safety"}),
    ("fr", "Je recommande vivement !", {"advocacy"}),
    ("fr", "Je ne recommande pas cet hôtel.", set()),
    ("fr", "Je vais porter plainte.", {"legal_threat"}),
    ("fr", "Pouvez-vous m'envoyer la facture ?", {"request"}),
    ("es", "No volveré nunca más.", {"churn_risk"}),
    ("es", "Nunca he tenido problemas.", set()),
    ("es", "Necesito una respuesta antes del viernes.", {"request", "urgency"}),
    ("nl", "Blijf hier ver vandaan.", {"warning"}),
    ("nl", "Ik heb al drie keer gebeld.", {"effort"}),
    ("nl", "Nooit problemen gehad.", set()),
]


@pytest.mark.parametrize(("language", "text", "kinds"), IN_LANGUAGES)
def test_other_languages(language: str, text: str, kinds: set[str]) -> None:
    assert set(found(text, _finder(language))) == kinds


@pytest.mark.parametrize("language", shipped_rules())
def test_the_rules_of_every_language_cover_every_kind(language: str) -> None:
    assert set(load_rules(language).show) == RULED
    assert set(_finder(language).kinds) == RULED


_FINDERS = {"en": FINDER}


def _finder(language: str) -> SignalFinder:
    if language not in _FINDERS:
        _FINDERS[language] = SignalFinder(Clauser(language))
    return _FINDERS[language]
