"""Mail as a table: one message, one row, of mbox files, single messages and mail folders."""

from __future__ import annotations

from miner.ingest.mail.boxes import is_mbox, is_message, packed
from miner.ingest.mail.rows import HEADER, LAYOUT, records

__all__ = ["HEADER", "LAYOUT", "is_mbox", "is_message", "packed", "records"]
