"""What the sender wrote, without what the mail program, the company and the thread put around it.

Works line by line. Where in doubt a line stays: "On the phone your colleague wrote:" is no mail
program's line, and three lines "From: … To: … Date: …" without a subject are a journey.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final, NamedTuple

from miner.ingest.mail.words import patterns

_QUOTED: Final = re.compile(r" ?>(?![:;=8]-?[()\[\]/\\|<{])")  # not the angry face >:(
_MOST_LINES: Final = 3  # over which a program breaks "On …, Jane Doe <jane@shop.example> wrote:"
_BLOCK_LOOK: Final = 8  # lines in which a block of three header fields must stand
_SIGNATURE: Final = "-- "  # RFC 3676, section 4.3
_MOST_SIGNATURE: Final = 12
"""Lines below a "--" without its blank that may be a signature: four by custom, often more."""
_LONG_NOTICE: Final = 60
"""Characters: longer than any device line, so a disclaimer, which ends the message."""
_LINK: Final = re.compile(r"<?https?://\S+>?|\[(?:cid|image):[^\]]{0,200}\]", re.I)


class _History(NamedTuple):
    """Where older mail begins: its lines start at `below`; None where there is none."""

    own: list[str]
    below: list[str] | None


def own_words(text: str, *, reply: bool = False) -> str:
    """Return the sender's own words of a message's text.

    Parameters
    ----------
    text : lines broken by ``\\n``; older mail may be marked by ``>``.
    reply : whether this answers another message. If not, and nothing of the sender's own is
        left, it was passed on: then the words are those of the message below.

    Examples
    --------
    >>> mail = "Still no van." + 2 * chr(10) + "On 2 Mar 2026, at 10:00, Care wrote:"
    >>> own_words(mail + chr(10) + "> It is on its way.")
    'Still no van.'
    """
    lines = [line.replace("\xa0", " ") for line in text.split("\n")]
    history = _split(lines)
    own = _trim([line for line in history.own if not _QUOTED.match(line)])
    if own or reply:
        return own
    below = history.below
    if below is None or all(_QUOTED.match(line) for line in below if line.strip()):
        marked = lines if below is None else below
        marked = [line for line in marked if _QUOTED.match(line) or not line.strip()]
        below = [_QUOTED.sub("", line, count=1).removeprefix(" ") for line in marked]
    return own_words("\n".join(below).strip("\n"), reply=True) or _trim(_fields_off(below))


def _split(lines: list[str]) -> _History:
    """Cut where older mail begins, and take out the lines that only announce a quotation."""
    own: list[str] = []
    for at, line in enumerate(lines):
        text = line.strip()
        if not text or _QUOTED.match(line):
            own.append(line)
            continue
        if patterns().separator.match(text):
            return _History(own, _fields_off(lines[at + 1 :]))
        if _is_block(lines, at):
            return _History(own, _fields_off(lines[at:]))
        start = _attribution(lines, at)
        if start is None:
            own.append(line)
            continue
        del own[len(own) - (at - start) :]
        following = next((later for later in lines[at + 1 :] if later.strip()), ">")
        if not _QUOTED.match(following) and any(map(str.strip, own)):
            return _History(own, lines[at + 1 :])
    return _History(own, None)


def _attribution(lines: list[str], at: int) -> int | None:
    """Return where the line "On …, Jane wrote:" that ends at `at` begins; None: it is none."""
    if not lines[at].rstrip().endswith((":", "：")):
        return None
    joined = ""
    found = None
    for start in range(at, max(-1, at - _MOST_LINES), -1):
        line = lines[start].strip()
        if not line or _QUOTED.match(line) or (start < at and line[-1] in ".!?:"):
            break
        joined = f"{line} {joined}".strip()
        if patterns().attribution.match(joined):
            return start
        if found is None and patterns().loose.match(joined):
            found = start
    return found


def _is_block(lines: list[str], at: int) -> bool:
    """Whether header fields start here: three, a subject among them; one may be broken in two."""
    known = patterns()
    if not known.field.match(lines[at].strip()):
        return False
    look = [line.strip() for line in lines[at : at + 2 * _BLOCK_LOOK] if line.strip()]
    fields = 0
    subject = False
    for line, following in pairwise([*look[:_BLOCK_LOOK], ""]):
        if known.field.match(line):
            fields += 1
            subject = subject or known.subject.match(line) is not None
        elif not known.field.match(following):
            break
    return fields >= 3 and subject


def _fields_off(lines: list[str]) -> list[str]:
    """Return the lines below a block of header fields on top; all where there is none."""
    at = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    if at == len(lines) or not _is_block(lines, at):
        return lines
    while at < len(lines) and lines[at].strip() and (patterns().field.match(lines[at].strip())):
        at += 1
    return lines[at:]


def _trim(lines: list[str]) -> str:
    """Take off signature, banner, device lines and disclaimers."""
    kept = _unsigned(lines)
    paragraphs = _paragraphs(kept)
    while paragraphs and patterns().banner.match(_plain(paragraphs[0])):
        del paragraphs[0]
    for at, paragraph in enumerate(paragraphs[1:], 1):
        plain = _plain(paragraph)
        if len(plain) >= _LONG_NOTICE and patterns().tail.match(plain):
            del paragraphs[at:]
            break
    while paragraphs and _is_tail(paragraphs[-1], alone=len(paragraphs) == 1):
        del paragraphs[-1]
    if paragraphs:
        _drop_device_line(paragraphs[-1])
    return "\n\n".join("\n".join(paragraph) for paragraph in paragraphs)


def _unsigned(lines: list[str]) -> list[str]:
    for at, line in enumerate(lines):
        below = sum(bool(later.strip()) for later in lines[at + 1 :]) if line[:2] == "--" else 0
        if line == _SIGNATURE or (line.rstrip() == "--" and below <= _MOST_SIGNATURE):
            return lines[:at]
    return lines


def _paragraphs(lines: list[str]) -> list[list[str]]:
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        text = line.strip()
        if text and not _is_rule(text):
            paragraphs[-1].append(text)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _is_rule(text: str) -> bool:
    """Whether a line is drawn, not written: ten underscores or more."""
    return len(text) >= 10 and not text.strip("_")


def _is_tail(paragraph: list[str], *, alone: bool) -> bool:
    """Whether a paragraph is no statement; alone, a short one that ends as a sentence is."""
    known = patterns().tail
    plain = _plain(paragraph)
    if alone and len(plain) < _LONG_NOTICE and plain.endswith((".", "!", "?")):
        return False
    return known.match(plain) is not None or all(known.match(_plain([line])) for line in paragraph)


def _drop_device_line(paragraph: list[str]) -> None:
    """Take off "Sent from my phone" right below the words; a sentence that begins so stays."""
    if len(paragraph) < 2:
        return
    last = _plain(paragraph[-1:])
    if last[:1].isupper() and last[-1] not in ".!?" and patterns().tail.match(last):
        del paragraph[-1]


def _plain(paragraph: list[str]) -> str:
    """Return a paragraph on one line, without links and places of pictures."""
    return " ".join(_LINK.sub("", " ".join(paragraph)).split()).strip("*_ ")
