"""What is unusual in a feed, told once: findings of a night, and the stories they make.

`evaluate` compares a window of daily counts (`AlertInputs`) with its own history, by an
`AlertRule`; `advance` makes stories of its findings and says what is news; `sentence` puts a
finding and `headline` an event into words, `payload` an event into JSON, `post` sends that to a
webhook. Only `post` touches anything outside. The names are loaded on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__all__ = [
    "AlertInputs", "AlertRule", "Delivery", "Event", "Evidence", "Finding", "Place", "Progress",
    "Quote", "Story", "advance", "evaluate", "headline", "payload", "post", "sentence",
]  # fmt: skip

_HOMES = {
    "AlertInputs": "inputs",
    "AlertRule": "rule",
    "Delivery": "webhook",
    "Event": "lifecycle",
    "Evidence": "messages",
    "Finding": "finding",
    "Place": "finding",
    "Progress": "lifecycle",
    "Quote": "messages",
    "Story": "lifecycle",
    "advance": "lifecycle",
    "evaluate": "judging",
    "headline": "sentences",
    "payload": "messages",
    "post": "webhook",
    "sentence": "sentences",
}

if TYPE_CHECKING:
    from miner.feed.alerts.finding import Finding as Finding
    from miner.feed.alerts.finding import Place as Place
    from miner.feed.alerts.inputs import AlertInputs as AlertInputs
    from miner.feed.alerts.judging import evaluate as evaluate
    from miner.feed.alerts.lifecycle import Event as Event
    from miner.feed.alerts.lifecycle import Progress as Progress
    from miner.feed.alerts.lifecycle import Story as Story
    from miner.feed.alerts.lifecycle import advance as advance
    from miner.feed.alerts.messages import Evidence as Evidence
    from miner.feed.alerts.messages import Quote as Quote
    from miner.feed.alerts.messages import payload as payload
    from miner.feed.alerts.rule import AlertRule as AlertRule
    from miner.feed.alerts.sentences import headline as headline
    from miner.feed.alerts.sentences import sentence as sentence
    from miner.feed.alerts.webhook import Delivery as Delivery
    from miner.feed.alerts.webhook import post as post


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"miner.feed.alerts.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'miner.feed.alerts' has no attribute '{name}'")
