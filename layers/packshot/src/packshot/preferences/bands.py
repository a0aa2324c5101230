"""Price bands: low, middle and high within a category."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from packshot.preferences.purchases import UNKNOWN, Lines, Visit

BANDS: Final = ("low", "middle", "high")


@dataclass(frozen=True, slots=True)
class PriceBands:
    """The log(1 + price) (K, 2) at which a category's middle and high band begin; NaN without prices."""

    edges: NDArray[np.float64]

    def of(self, visit: Visit) -> int:
        """Return the band of a visit's top category as a code of `BANDS`, `UNKNOWN` without a price."""
        price = float(visit.log_prices[visit.categories == visit.top][0])
        edges = self.edges[visit.top]
        if not (np.isfinite(price) and np.isfinite(edges).all()):
            return UNKNOWN
        return int(np.searchsorted(edges, price))


def price_bands(lines: Lines, *, categories: int, before: float) -> PriceBands:
    """Return the thirds of each category's prices before a time."""
    edges = np.full((categories, len(BANDS) - 1), np.nan)
    usable = (lines.time < before) & np.isfinite(lines.price) & (lines.price >= 0)
    for code in range(categories):
        prices = lines.price[usable & (lines.category == code)]
        if len(prices):
            edges[code] = np.quantile(np.log1p(prices), (1 / 3, 2 / 3))
    return PriceBands(edges)
