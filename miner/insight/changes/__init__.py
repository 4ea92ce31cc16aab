"""What changed between two windows, why, when, and for whom."""
