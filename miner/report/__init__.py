"""The report layer: plain data first (`build`), then renderers that only walk it."""

from miner.report.build import build
from miner.report.model import ReportData
from miner.report.text import terminal_rows
from miner.report.write import write_report

__all__ = ["ReportData", "build", "terminal_rows", "write_report"]
