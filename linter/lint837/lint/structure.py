"""The structure of claims and headers: what a further checker finds, beside what the rules and the reader say."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Protocol

from lint837.claims.claim import Claim
from lint837.claims.segment import Place, Segment
from lint837.guide.deviation import Deviation, Kind, Misfit
from lint837.lint.precedence import Found
from lint837.rules.rulebook import ALL, OFF, Rulebook
from lint837.rules.structure import RULE_OF_KIND, GuideProblem, problem_of_deviation
from lint837.x12.faults import Fault
from lint837.x12.slices import Context, Slice

MOST = 50  # problems of one slice that are told one by one
# Of what is missing, the rules that say it better, of the same line.
_SAID_BY_RULES = {"DTP*472": ("DOS001", "DTM002"), "CTP": ("NDC004", "SVC005"), "DTP*573": ("COB004",)}
_TORN = "HCP010"  # a procedure composite is not written as one
_COMPOSITE = {"SV1": 1, "SV2": 2}  # the element that it is
_SERVICE = ("SV1", "SV2")
_HEADERS = 64  # whose problems are remembered: of those above a claim there are four
Further = Callable[[Claim, Sequence[Found]], Iterator[Found]]


class Checker(Protocol):
    """Checks the structure of the slices of one input. What it finds is in the order of places."""

    def __call__(self, piece: Slice, context: Context) -> Sequence[Deviation]:
        """What deviates in a claim or header; `context`: what is above it."""


class Follower(Protocol):
    """Follows all slices of one input, for what no slice can tell by itself."""

    def follow(self, piece: Slice) -> Misfit | None:
        """What the next slice shows of itself, or of the header before it."""


class Structure:
    """Which slices of an input are checked, and what of it is news."""

    def __init__(self, checker: Checker, levels: Follower, rulebook: Rulebook) -> None:
        """`rulebook`: for the input. It says which rules report, and whether all claims and headers are checked, or
        those with drug lines and the headers above them.
        """
        self._checker = checker
        self._levels = levels
        self._too_many: Misfit | None = None  # a claim past the most of its level
        self._rulebook = rulebook
        self.every = rulebook.guide == ALL
        self._reported = {
            kind: rule.incomplete or rule.code in rulebook.reported for kind, rule in RULE_OF_KIND.items()
        }
        self._faults: list[tuple[int, int]] = []  # the claim and the segment of the reader's faults
        self._headers: dict[int, Sequence[Found]] = {}  # what is wrong in headers, by their start

    def note(self, fault: Fault) -> None:
        """Note where the reader found a fault: what deviates there is no news."""
        if fault.claim:
            self._faults = [one for one in self._faults if one[0] == fault.claim] + [(fault.claim, fault.segment)]

    def follow(self, piece: Slice) -> tuple[Slice, Sequence[Found]] | None:
        """Take the next slice of the input, where all are checked: the header before it and what is missing below
        that, if it shows so.
        """
        shown = self._levels.follow(piece)
        self._too_many = shown if shown and shown.piece is piece else None
        if shown is None or self._too_many or not (context := shown.piece.context):
            return None
        news = self._news([shown.deviation], set())
        return shown.piece, list(self._told([(one, _at(one, context)) for one in news]))

    def of_claim(self, piece: Slice, drug_lines: int) -> Further | None:
        """What gives the problems of a claim beside those that rules found; None where its structure is right, or is
        not checked.
        """
        if piece.context is None or not (self.every or drug_lines):
            return None
        faulty = {segment for claim, segment in self._faults if claim == piece.claim}
        more = [self._too_many.deviation] if self._too_many and self._too_many.piece is piece else []
        found = self._news([*more, *self._checker(piece, piece.context)], faulty)
        return partial(self._problems, found) if found else None

    def without_headers(self, found: Sequence[Found], piece: Slice) -> list[Found]:
        """What rules found in a claim, without what is told of the same place in a header above it."""
        told = {
            (where.segment.ordinal, where.number)
            for header in headers_above(piece.context)
            for one in self.of_header(header)
            if (where := one.problem.where)
        }
        return [
            one
            for one in found
            if one.problem.where is None
            or one.problem.where.segment.ordinal >= piece.segment
            or (one.problem.where.segment.ordinal, one.problem.where.number) not in told
        ]

    def of_header(self, piece: Slice) -> Sequence[Found]:
        """The problems of a header."""
        if piece.context is None or piece.data is None:
            return ()
        known = self._headers.get(piece.start)
        if known is None:
            if len(self._headers) >= _HEADERS:
                self._headers.clear()
            context = piece.context
            news = self._news(self._checker(piece, context), set())
            known = self._headers[piece.start] = list(self._told([(one, _at(one, context)) for one in news]))
        return known

    def _news(self, found: Sequence[Deviation], faulty: set[int]) -> list[Deviation]:
        return [one for one in found if self._reported[one.kind] and not _is_said(one, faulty)]

    def _problems(self, deviations: Sequence[Deviation], claim: Claim, found: Sequence[Found]) -> Iterator[Found]:
        """The problems of a claim, but for those that rules `found` too: in the same element, or of the same line.
        Where a procedure composite is spread over elements, no element of its segment is in its place.
        """
        places: set[tuple[int, int, int]] = set()
        lines: set[tuple[str, int]] = set()
        spread: set[int] = set()
        for one in found:
            where = one.problem.where
            if where:
                places |= {(where.segment.ordinal, where.number, part) for part in (where.component, 0)}
                lines.add((one.rule.code, where.line))
                if one.rule.code == _TORN and where.number > _COMPOSITE.get(where.segment.id, where.number):
                    spread.add(where.segment.ordinal)
        news = []
        for deviation in deviations:
            at = deviation.ordinal, deviation.element
            said = deviation.kind.of_element and (
                deviation.ordinal in spread or not places.isdisjoint({(*at, deviation.component), (*at, 0)})
            )
            line = _line(claim, deviation.opener)
            better = _SAID_BY_RULES.get(deviation.segment_id, ())
            if not said and not any((code, line) in lines for code in better):
                where = _at(deviation, claim.context)
                news.append((deviation, where._replace(line=_line(claim, deviation.ordinal))))
        yield from self._told(news)

    def _told(self, news: Sequence[tuple[Deviation, Place]]) -> Iterator[Found]:
        for number, (one, where) in enumerate(news[:MOST], 1):
            rule, problem = problem_of_deviation(GuideProblem(one, where, len(news) - MOST if number == MOST else 0))
            severity = self._rulebook.severities.get(rule.code)
            yield Found(rule._replace(configured=severity) if severity and not rule.incomplete else rule, problem)


def structure_of(rulebook: Rulebook) -> Structure | None:
    """The guide check that a rulebook asks for; None where it asks for none. Loads the guides when first needed."""
    if rulebook.guide == OFF:
        return None
    from lint837.guide.check import deviations
    from lint837.guide.levels import Levels

    return Structure(deviations, Levels(), rulebook)


def headers_above(context: Context | None) -> list[Slice]:
    """The headers of a transaction set above a claim, the outermost first."""
    if context is None:
        return []
    return [piece for piece in (context.st, context.hl20, context.hl22, context.hl23) if piece]


def _is_said(one: Deviation, faulty: set[int]) -> bool:
    if one.kind is Kind.CONTROL_CHARACTER or one.ordinal in faulty:
        return True
    return one.kind is Kind.MISSING and one.segment_id.startswith(_SERVICE) and one.opener in faulty


def _at(one: Deviation, context: Context) -> Place:
    segment_id = one.raw.partition(context.delimiters.element)[0]
    segment = Segment(context.delimiters.clean(segment_id), one.raw, one.offset, one.ordinal, context.delimiters)
    return Place(segment, one.element, one.component)


def _line(claim: Claim, ordinal: int) -> int:
    """The ordinal of the service line that a segment is in, 0 for none."""
    found = 0
    for line in claim.service_lines:
        if line.first_segment.ordinal > ordinal:
            break
        found = line.ordinal
    return found
