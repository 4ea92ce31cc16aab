"""A scikit-learn transformer: texts to theme features, for models of your own (churn, say)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import validate_data

from miner.engines.features import Floats, Level, Plan, Values, features_of
from miner.engines.models import shared_scorer
from miner.engines.texts import column_of
from miner.errors import ModelError, UsageError
from miner.scoring import Scorer

if TYPE_CHECKING:
    from typing import Self

_SHOWN: Final = 8  # characters of a hash that tell models apart


class ThemeFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns texts into features: themes x polarities, and signals, one row a text.

    `fit` learns nothing, it looks over the input and notes the model; the same text gives the same
    row whatever it is fitted on. None, NaN and NA are texts without a mention.

    Parameters
    ----------
    model : a shipped model by name, a model folder by path, or a `miner.Scorer`. A name is stored
        by a pickle and by ``clone`` at no cost; a Scorer is copied whole.
    level : ``"sub_theme"`` takes every theme of the taxonomy (``service.delivery``), ``"theme"``
        only the top ones (``service``).
    values : ``"count"`` of the mentions; ``"binary"``: 1 where there is one; ``"share"`` of the
        text's mentions, in [0, 1]; ``"sentiment"``: one feature a theme in place of one a polarity,
        the mean sentiment of its mentions, in [-1, 1], 0 without any.
    signals : add one feature a kind of signal, as counts (1 and 0 for ``"binary"``, the share of
        the text's signals for ``"share"``).
    workers : processes to score in, as in `miner.Scorer.score_many`; 1 stays in this one.

    Attributes
    ----------
    n_features_in_ : int, always 1: the text column.
    feature_names_in_ : its name, shape (1,), where `fit` was given a DataFrame.
    model_sha256_ : str, hash of the model `fit` saw; None for a Scorer made from a tagger.

    Examples
    --------
    >>> features = ThemeFeatures(level="theme")
    >>> found = features.fit_transform(["The courier was two days late.", None])
    >>> dict(zip(features.get_feature_names_out(), found[0]))["service:negative"]
    np.float64(1.0)
    >>> found[1].any()
    np.False_
    """

    def __init__(
        self,
        model: str | Path | Scorer = "en",
        *,
        level: Level = "sub_theme",
        values: Values = "count",
        signals: bool = False,
        workers: int = 1,
    ) -> None:
        self.model = model
        self.level = level
        self.values = values
        self.signals = signals
        self.workers = workers

    def fit(self, X: Any, y: Any = None) -> Self:  # noqa: N803, ARG002
        """Look over the texts and note the model; nothing is learned.

        Parameters
        ----------
        X : shape (n_texts,) or (n_texts, 1): list, Series, array, or DataFrame with one column.
        y : not read.

        Raises
        ------
        TextsError
            `X` is no column of texts, or has none. (A UsageError and a ValueError.)
        UsageError
            A parameter has an unknown value.
        ModelError
            There is no such model, or it is damaged.
        """
        self._look_over(X, reset=True)
        self.model_sha256_ = _hash(self._plan().scorer)
        return self

    def transform(self, X: Any) -> Floats:  # noqa: N803
        """Return the features, shape (n_texts, n_features), in the order of the texts.

        Raises
        ------
        TextsError, UsageError
            As `fit` raises them.
        ModelError
            As `fit` raises it; or the model is another one than `fit` saw.
        """
        texts = self._look_over(X, reset=False)
        plan = self._plan()
        self._same_model(plan.scorer)
        return features_of(plan, texts, workers=self.workers)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:  # noqa: ARG002
        """Return the names: ``service.delivery:negative``, ``signal:churn_risk`` and so on.

        Parameters
        ----------
        input_features : not read; the names are those of the taxonomy.
        """
        return np.array(self._plan().names, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.allow_nan = True
        tags.requires_fit = False
        return tags

    def _look_over(self, given: Any, *, reset: bool) -> list[object]:
        """Return the texts, once they are known to be one column."""
        texts = column_of(given)
        if getattr(given, "ndim", 1) == 2:
            validate_data(self, given, reset=reset, skip_check_array=True)
        elif reset:
            self.n_features_in_ = 1
            self.__dict__.pop("feature_names_in_", None)
        return texts

    def _plan(self) -> Plan:
        for name, known in (("level", get_args(Level)), ("values", get_args(Values))):
            if getattr(self, name) not in known:
                raise UsageError(
                    f"{name}: got {getattr(self, name)!r}, expected one of {', '.join(known)}.",
                    hint=f'Give {name}="{known[0]}".',
                    slug="engine.unknown-value",
                )
        if not isinstance(self.workers, int) or self.workers < 0:
            raise UsageError(
                f"workers: got {self.workers!r}, expected 0 or more.",
                hint="Give workers=1, or 0 for one per core.",
                slug="score.out-of-range",
            )
        scorer = self.model if isinstance(self.model, Scorer) else shared_scorer(self.model)
        return Plan(scorer, self.level, self.values, bool(self.signals))

    def _same_model(self, scorer: Scorer) -> None:
        fitted, now = getattr(self, "model_sha256_", None), _hash(scorer)
        if fitted != now and hasattr(self, "model_sha256_"):
            raise ModelError(
                f"Fitted with the model {_short(fitted)}, the one here is {_short(now)}: its "
                "features may mean something else.",
                hint="Fit again, or give the model folder it was fitted with: model=PATH.",
                slug="engine.other-model",
            )


def _hash(scorer: Scorer) -> str | None:
    """Return the hash of the model; None where there is no model folder."""
    try:
        return scorer.bundle.sha256
    except UsageError:
        return None


def _short(sha256: str | None) -> str:
    return f"{sha256[:_SHOWN]}…" if sha256 else "of a tagger"
