"""Customers over time: retention, value, churn after a mention, word of mouth, one view each."""
