"""Names of table columns that reading an export and the insight share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

COHORT_PREFIX: Final = "cohort."
AREA_PREFIX: Final = "area."
"""First letters of the columns for cohorts and for survey areas."""

CUSTOMER_COLUMNS: Final[Mapping[str, str]] = {
    "id": "str",
    "start": "datetime64[us]",
    "end": "datetime64[us]",  # NaT: still a customer
    "monthly_revenue": "float64",  # what the customer pays a month
    "revenue": "float64",  # what the customer has paid from the start to this day
    "cost": "float64",  # what it cost to win the customer
}
"""Columns and dtypes of a customer table; ``cohort.<name>`` string columns follow."""
