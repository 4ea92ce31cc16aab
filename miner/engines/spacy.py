"""A spaCy component: ``nlp.add_pipe("feedback_miner", config={"model": "en"})``.

What it finds lies in places every `Doc` has (span groups and ``user_data``), so that two pipelines
in one process can't overwrite each other's settings, and ``Doc.to_bytes`` and ``DocBin`` keep it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import raise_error

from miner.engines.models import check_model, shared_scorer
from miner.errors import ModelError

if TYPE_CHECKING:
    from miner.scoring import Scorer
    from miner.types import Scored

NAME: Final = "feedback_miner"
"""Name of the factory, and of the entry in ``Doc.user_data``."""

_CONFIG: Final = "cfg.json"
_FIELDS: Final = ("model", "prefix")

ErrorHandler: TypeAlias = Callable[[str, Any, list[Doc], Exception], Any]
Stretches: TypeAlias = list[tuple[int, int, str]]


class FeedbackMiner:
    """Finds mentions, signals and clauses in documents, whatever the pipeline's language.

    It sets ``doc.spans["mentions"]`` (labels ``theme:polarity``), ``doc.spans["signals"]`` and
    ``doc.spans["clauses"]`` (labels are kinds), widened to whole tokens, and
    ``doc.user_data["feedback_miner"]``: the data of `miner.types.Scored.to_dict`, whose offsets are
    exact. ``doc.cats`` is left to classifiers. Only the configuration is stored with a pipeline;
    the model is loaded when the first document comes.

    Parameters
    ----------
    name : of the component in the pipeline.
    model : a shipped model by name, or a model folder by path.
    prefix : put before the three groups and the entry, so that two models fit into one pipeline.

    Raises
    ------
    ModelError
        There is no such model.

    Examples
    --------
    >>> import spacy
    >>> nlp = spacy.blank("en")
    >>> component = nlp.add_pipe("feedback_miner", config={"model": "en"})
    >>> doc = nlp("The courier was two days late.")
    >>> [(span.text, span.label_) for span in doc.spans["mentions"]]
    [('The courier was two days late.', 'service.delivery:negative')]
    """

    def __init__(self, name: str = NAME, *, model: str = "en", prefix: str = "") -> None:
        check_model(model)
        self.name = name
        self.model = model
        self.prefix = prefix
        self._error_handler: ErrorHandler = raise_error

    @property
    def scorer(self) -> Scorer:
        """The scorer of the model, shared by all components of this process."""
        return shared_scorer(self.model)

    def __call__(self, doc: Doc) -> Doc:
        """Annotate one document and return it."""
        return next(self.pipe([doc]), doc)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Annotate documents, many at once, and yield them in order.

        Documents that fail go to the pipeline's error handler; what it lets pass is left out.
        A missing or damaged model is raised at once, whatever the handler.
        """
        scorer = self.scorer
        docs_left = iter(stream)
        while docs := list(islice(docs_left, batch_size)):
            for doc, scored in zip(docs, self._scored(scorer, docs), strict=False):
                try:
                    self._annotate(doc, scored)
                except Exception as error:
                    self._error_handler(self.name, self, [doc], error)
                else:
                    yield doc

    def set_error_handler(self, error_handler: ErrorHandler) -> None:
        """Use this handler, as ``nlp.set_error_handler`` hands it to every component."""
        self._error_handler = error_handler

    def get_error_handler(self) -> ErrorHandler:
        """Return the handler in use."""
        return self._error_handler

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:  # noqa: ARG002
        """Write the configuration into a folder."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _CONFIG).write_bytes(self.to_bytes())

    def from_disk(
        self, path: str | Path, *, exclude: Iterable[str] = ()  # noqa: ARG002
    ) -> FeedbackMiner:  # fmt: skip
        """Read the configuration from a folder; ModelError where its model is not there."""
        return self.from_bytes((Path(path) / _CONFIG).read_bytes())

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:  # noqa: ARG002
        """Return the configuration."""
        return json.dumps({name: getattr(self, name) for name in _FIELDS}).encode()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> FeedbackMiner:  # noqa: ARG002
        """Take on a configuration; ModelError where it is none or its model is not there."""
        settings = _settings(data)
        check_model(settings["model"])
        self.model, self.prefix = settings["model"], settings["prefix"]
        return self

    def _scored(self, scorer: Scorer, docs: Sequence[Doc]) -> list[Scored]:
        """Score a batch; none where it failed and the error handler let that pass."""
        try:
            return list(scorer.score_many([doc.text for doc in docs]))
        except Exception as error:
            self._error_handler(self.name, self, list(docs), error)
            return []

    def _annotate(self, doc: Doc, scored: Scored) -> None:
        spans: dict[str, Stretches] = {
            "mentions": [(one.start, one.end, _label(one)) for one in scored.mentions],
            "signals": [(one.start, one.end, one.kind) for one in scored.signals],
            "clauses": [(one.start, one.end, one.kind) for one in scored.clauses],
        }
        for group, found in spans.items():
            name = self.prefix + group
            doc.spans[name] = SpanGroup(doc, name=name, spans=list(_spans(doc, found)))
        doc.user_data[self.prefix + NAME] = scored.to_dict()


@Language.factory(
    NAME,
    default_config={"model": "en", "prefix": ""},
    assigns=["doc.spans", "doc.user_data"],
)
def make_component(nlp: Language, name: str, model: str, prefix: str) -> FeedbackMiner:  # noqa: ARG001
    """Return the component that ``nlp.add_pipe("feedback_miner")`` adds."""
    return FeedbackMiner(name, model=model, prefix=prefix)


def _label(mention: Any) -> str:
    return f"{mention.theme}:{mention.polarity}"


def _spans(doc: Doc, found: Stretches) -> Iterator[Span]:
    """Yield stretches as spans of whole tokens; one without a token has none."""
    for start, end, label in found:
        span = doc.char_span(start, end, label=label, alignment_mode="expand")
        if span is not None:
            yield span


def _settings(data: bytes) -> dict[str, str]:
    try:
        settings: Any = json.loads(data)
    except ValueError as error:
        raise _foreign() from error
    if not isinstance(settings, dict) or sorted(settings) != sorted(_FIELDS):
        raise _foreign()
    return settings


def _foreign() -> ModelError:
    return ModelError(
        f"This is no configuration of a {NAME} component (it has {' and '.join(_FIELDS)}).",
        hint='Save the pipeline again: nlp.to_disk("FOLDER").',
        slug="engine.foreign-config",
    )
