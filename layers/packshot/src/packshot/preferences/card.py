"""The model card (Mitchell et al. 2019): what a trained predictor is for, learned from, and worth."""

from collections.abc import Mapping
from itertools import islice

import numpy as np

from packshot.preferences.boosting import importance
from packshot.preferences.choosing import Calibration, Tried
from packshot.preferences.features import feature_names
from packshot.preferences.ledger import MOST_ORDERS
from packshot.preferences.predictor import Predictor

_LISTED = 8
_CARD = """\
# Predictor {version}: what a customer buys next

- **For** ordering scenes, variants and a storefront's suggestions by likely demand. **Not for** prices,
  credit, or anything that is about a person rather than about what they buy.
- **Learned from** {moments} returning visits before {until} (UTC): time, category, price, discount, brand,
  style, item. No name, address or browsing. Accounts with more than {resellers} orders were left out. Nothing
  later was fitted on: `evaluate_model` judges by it, and its report lies beside this model.
- **Tells** {categories} categories: {names}.
- **Made of** {boosters} ensembles of trees{networks}, and frequency + Markov with a weight of {blend:.0%};
  temperature {temperature:.2f}. Brand, style and price band come from habits.
- **What counts** most among {features} features, by what splits on it gain: {importance}.
- **How good**: {tried}
- **Because** is chosen by SHAP on one of the ensembles, and is true of the history by itself; it is what
  speaks for a category, not a cause.
- **Weak** for frequent buyers, for categories with few purchases, and for seasons of which less than a year
  is known. Figures near 96 % for this task come from leakage.
"""


def model_card(predictor: Predictor, *, moments: int) -> str:
    """Return the card as Markdown; `moments` is how many visits it was fitted on."""
    choice, names = predictor.choice, predictor.vocabulary.categories
    return _CARD.format(
        version=predictor.version,
        moments=moments,
        until=np.datetime64(int(predictor.fitted_until), "s").astype("datetime64[D]"),
        resellers=MOST_ORDERS,
        categories=len(names),
        names=", ".join(names),
        boosters=len(choice.boosters),
        networks=_networks(len(choice.networks), choice.calibration),
        blend=choice.calibration.blend,
        temperature=choice.calibration.temperature,
        features=len(feature_names()),
        importance=_listed(importance(choice.boosters, names=feature_names())),
        tried=_tried(choice.tried),
    )


def _listed(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{name} ({share:.0%})" for name, share in islice(shares.items(), _LISTED))


def _networks(number: int, calibration: Calibration) -> str:
    return f", {number} networks with a weight of {calibration.network:.0%} beside them" if number else ""


def _tried(tried: Tried | None) -> str:
    if tried is None:
        return "not known: the shop was too young for a trial."
    return (
        f"in trials on {tried.moments} later visits, by which the weights were chosen too,"
        f" {tried.accuracy:.0%} of first categories were right; log-loss {tried.log_loss:.3f},"
        f" frequency + Markov {tried.simple_log_loss:.3f}."
    )
