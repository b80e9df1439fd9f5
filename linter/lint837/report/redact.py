"""A report without what identifies one patient's claim: for a place where many read, such as a CI service.

A claim becomes its ordinal in the file, and a keyed hash of its number where a key is given; a date of service becomes
its relation to the days on which the drug's codes change; a file becomes its ordinal, where that is asked for.
"""

from datetime import date
from typing import NamedTuple

from lint837.claims.segment import Period
from lint837.files.inputs import STANDARD_INPUT
from lint837.lint.finding import InputSummary, sentence
from lint837.report.entry import HASHED, AsBilled, Entry, EntryChoice, Related, SegmentExcerpt, Template
from lint837.report.relation import described, relation, without_days
from lint837.rules.values import ELLIPSIS

SHORTEST_KEY = 16  # bytes; with a shorter one a claim's number could be found by trying
_HASH = 16  # hexadecimal digits of the hash, 64 bits


class Redaction(NamedTuple):
    """When to redact (auto, always or never), the key of the hash (b"": none), and whether file names are redacted."""

    mode: str = "auto"
    key: bytes = b""
    paths: bool = False

    def applies(self, *, public: bool) -> bool:
        """Whether a report is redacted; `public`: many may read it."""
        return self.mode == "always" or (self.mode == "auto" and public)


class FileNames:
    """Names for paths that must not be shown: file-1, file-2 and so on, in the order in which they come up."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def of(self, path: str) -> str:
        """The name of a path; standard input keeps its own."""
        return path if path == STANDARD_INPUT else self._names.setdefault(path, f"file-{len(self._names) + 1}")

    def of_entry(self, entry: Entry) -> Entry:
        """An entry with the name of its file."""
        return entry._replace(location=entry.location._replace(path=self.of(entry.location.path)))

    def of_input(self, item: InputSummary) -> InputSummary:
        """A summary with the name of its file."""
        return item._replace(path=self.of(item.path))


def redacted(entry: Entry, key: bytes = b"") -> Entry:
    """An entry without the number of its claim and without any date of it. A redacted one stays as it is."""
    template = entry.template
    if template is None:
        return entry
    at, changes = entry.location, template.code_changes
    words = {name: described(value, changes) for name, value in template.values.items()}
    return entry._replace(
        message=sentence(template.message, words, template.note),
        found=words["found"],
        expected=words["expected"],
        correction=sentence(template.correction, words),
        choices=tuple(
            EntryChoice(sentence(when, words), sentence(do, words), one.edits)
            for (when, do), one in zip(template.choices, entry.choices, strict=True)
        ),
        location=at._replace(
            claim=_hash(at.claim, key),
            service_line=at.service_line and without_days(at.service_line)[0],
        ),
        as_billed=entry.as_billed and _as_billed(entry.as_billed, template),
        related=tuple(_related(place) for place in entry.related),
        template=None,
    )


def _hash(claim: str | None, key: bytes) -> str | None:
    """A name for the claim that only a holder of the key can make; None without a key, or without a number."""
    if not key or not claim or claim == ELLIPSIS:
        return None
    import hashlib
    import hmac

    digest = hmac.new(key, claim.encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()
    return f"{HASHED}{digest[:_HASH]}"


def _as_billed(billed: AsBilled, template: Template) -> AsBilled:
    text, highlight = _excerpt(billed.excerpt, billed.highlight)
    return billed._replace(
        date=relation(_period(billed.date), template.code_changes) if billed.date else "",
        units=without_days(billed.units)[0],
        quantity=without_days(billed.quantity)[0],
        charge=without_days(billed.charge)[0],
        claim_charge=without_days(billed.claim_charge)[0],
        payer_id=without_days(billed.payer_id)[0],
        excerpt=text,
        highlight=highlight,
        segments=tuple(SegmentExcerpt(one.segment, _excerpt(one.excerpt)[0]) for one in billed.segments),
    )


def _period(text: str) -> Period:
    """The period that an entry shows as "2025-01-10" or "2025-01-10 to 2025-01-12"."""
    first, _, last = text.partition(" to ")
    return Period(date.fromisoformat(first), date.fromisoformat(last or first))


def _related(place: Related) -> Related:
    text, highlight = _excerpt(place.excerpt, place.highlight)
    return place._replace(excerpt=text, highlight=highlight)


def _excerpt(text: str, highlight: tuple[int, int] = (0, 0)) -> tuple[str, tuple[int, int]]:
    """An excerpt without a date: of a DTP segment without DTP03, of another without a number that can be a day."""
    if not text.startswith("DTP"):
        return without_days(text, highlight)
    *head, day = text.split(text[3:4] or None, 3)
    if len(head) < 3 or not day:
        return text, highlight
    at = len(text) - len(day)
    start, end = highlight
    return text[:at] + ELLIPSIS, (min(start, at), min(end, at + len(ELLIPSIS)))
