"""Names of table columns that reading an export and the insight share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COHORT_PREFIX: Final = "cohort."
AREA_PREFIX: Final = "area."
"""First letters of the columns for cohorts and for survey areas."""

AREA_SCALE: Final = (1.0, 5.0)
"""Ends of the scale of survey areas: the five points of a Likert item (Likert 1932, Archives of
Psychology 140). "Wanted" minus "now" has a meaning only where both are given on one scale."""

CUSTOMER_COLUMNS: Final[Mapping[str, str]] = {
    "id": "str",
    "start": "datetime64[us]",
    "end": "datetime64[us]",  # NaT: still a customer
    "monthly_revenue": "float64",  # what the customer pays a month
    "revenue": "float64",  # what the customer has paid from the start to this day
    "cost": "float64",  # what it cost to win the customer
}
"""Columns and dtypes of a customer table; ``cohort.<name>`` string columns follow."""
