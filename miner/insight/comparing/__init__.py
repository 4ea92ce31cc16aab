"""This export beside others: benchmarks, a second export, what customers want."""
