"""Findings that are carried over: what was found on one claim is said of all that are alike, and no rule runs again.

A rule reads of a claim only what its normal form holds, but it may show more, such as a charge. So a normal form is
judged in two instances, which differ in all that it leaves out. Where both have the same findings, but for places and
for days of the claim, these are known for every claim with that form: places by line and segment, days by their number.
Where they differ in anything else, the rules that found it run on each claim.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import NamedTuple

from lint837.claims.claim import Claim, ServiceLine
from lint837.claims.normal_form import Instance, date_of
from lint837.claims.segment import Period, Place, Segment
from lint837.lint.finding import (
    Finding,
    Location,
    RawLine,
    TextChoice,
    TextEdit,
    TextFix,
    identity_of,
    location_of,
    raw_line,
    related_place,
    text_edit,
    what_is_billed,
)
from lint837.lint.judgment import Judgment, finding_of, in_order
from lint837.rules.rule import Edit
from lint837.rules.values import Value

# What of a finding is the same on all claims that are alike.
_same = attrgetter(
    *("rule", "name", "severity", "incomplete", "once", "cause"),
    *("message_template", "correction_template", "note", "sources", "code_changes"),
)


class Spot(NamedTuple):
    """A place in any claim with some normal form.

    line: of the segment, among those of the form, from 0; -1 for none. segment: among those of the line that rules
    may see, 0 for its LX; or of the claim's own. segment_id: which it must be. number, component: as in Place.
    on_line: whether the place is one of the line.
    """

    line: int
    segment: int
    segment_id: str
    number: int
    component: int
    on_line: bool


_Numbers = Mapping[date, int]
_Edits = tuple[tuple[Spot, str], ...]


class Spots(NamedTuple):
    """The places of a finding: its own, related ones with their notes, and those of the edits of fixes and choices."""

    where: Spot
    related: tuple[tuple[Spot, str], ...]
    fixes: tuple[tuple[bool, _Edits], ...]
    choices: tuple[tuple[str, str, _Edits], ...]


class Carried(NamedTuple):
    """A finding of all claims with some normal form: as it is on one; its places; and which of its values are days of
    the claim, by their numbers: a period by two, a date by one.
    """

    sample: Finding
    spots: Spots
    days: Mapping[str, tuple[int, ...]]


class Judged(NamedTuple):
    """An instance of a normal form as a claim, and what the rules say of it."""

    instance: Instance
    claim: Claim
    judgment: Judgment

    @property
    def days(self) -> _Numbers:
        """The days of the claim, each with its number."""
        return {date_of(day): n for n, day in enumerate(self.instance.days)}


class NotAlikeError(Exception):
    """A claim is not as those with its normal form are. It must be judged."""


# ---------------------------------------------------------------- from the instances


def carry(one: Judged, other: Judged, hidden: frozenset[str]) -> Sequence[Carried] | None:
    """The findings of all claims with a normal form, of which these are the instances; None where they are not known.
    `hidden`: rules that are ignored for the file.
    """
    if one.judgment.failures or other.judgment.failures:
        return None
    try:
        pairs = zip(_found(one, hidden), _found(other, hidden), strict=True)
        return [_carried(*first, *second, one.days, other.days) for first, second in pairs]
    except Exception:  # noqa: BLE001 - whatever it is, a claim that is judged says it
        return None


def _found(judged: Judged, hidden: frozenset[str]) -> Iterator[tuple[Finding, Spots]]:
    """The findings of an instance, and where they are."""
    claim, before = judged.claim, judged.instance.lines_before
    known = {segment.offset: (-1, n, segment) for n, segment in enumerate(claim.segments)}
    for n, line in enumerate(claim.service_lines[before:]):
        known |= {one.offset: (n, at, one) for at, one in enumerate([line.lx, *line.segments]) if one}

    def spot(place: Place) -> Spot:
        line, at, segment = known[place.segment.offset]
        is_it = (segment.id, segment.raw) == (place.segment.id, place.segment.raw)  # and none of a header
        if not is_it or place.line not in (0, line + 1 + before):
            raise NotAlikeError
        return Spot(line, at, segment.id, place.number, place.component, place.line > 0)

    def edits(several: Iterable[Edit]) -> _Edits:
        return tuple((spot(edit.where), edit.text) for edit in several)

    for rule, problem in judged.judgment.found:
        if rule.code not in hidden:
            finding = finding_of(rule, problem, claim, "")
            yield (
                finding,
                Spots(
                    spot(problem.where or claim.at_clm),
                    tuple((spot(related.where), related.note) for related in problem.related),
                    tuple((fix.safe, edits(fix.edits)) for fix in problem.fixes if finding.fixes),
                    tuple((one.when, one.do, edits(one.edits)) for one in problem.choices if finding.choices),
                ),
            )


def _carried(
    finding: Finding, spots: Spots, again: Finding, spots_again: Spots, days: _Numbers, days_again: _Numbers
) -> Carried:
    """What a finding on one instance and that on the other have in common, which must be all. Raises NotAlikeError."""
    if spots != spots_again or _same(finding) != _same(again) or finding.once:
        raise NotAlikeError
    numbers: dict[str, tuple[int, ...]] = {}
    for name, value in finding.values.items():
        other = again.values[name]
        if isinstance(value, date | Period):
            number = _numbers(value, days)
            if number and isinstance(other, date | Period) and number == _numbers(other, days_again):
                numbers[name] = number
                continue
        if type(value) is not type(other) or value != other or str(value) != str(other):
            raise NotAlikeError
    return Carried(
        finding._replace(
            location=Location("", loop=finding.location.loop),
            related=(),
            fixes=(),
            choices=(),
            raw=_alike(finding.raw, again.raw),
        ),
        spots,
        numbers,
    )


def _alike(raw: RawLine | None, again: RawLine | None) -> RawLine | None:
    """What is the same of the line of a finding on both instances: of a segment its elements, or none of them. Raises
    NotAlikeError where it bills something else.
    """
    if raw is None or again is None or what_is_billed(raw) != what_is_billed(again):
        raise NotAlikeError
    segments = zip(raw.segments, again.segments, strict=True)
    same = tuple(one if one.texts == other.texts else one._replace(texts=()) for one, other in segments)
    return raw._replace(at=raw.at._replace(texts=()), segments=same)


def _numbers(value: date | Period, days: _Numbers) -> tuple[int, ...]:
    """Which days of the claim a value is; none where it is another."""
    several = value if isinstance(value, Period) else (value,)
    return tuple(days[day] for day in several) if all(day in days for day in several) else ()


# ---------------------------------------------------------------- on a claim


def findings_on(
    carried: Sequence[Carried], claim: Claim, lines: Sequence[int], days: Sequence[bytes], path: str, *, alone: bool
) -> Sequence[Finding]:
    """The findings on a claim of which the normal form is known. `lines`: the ordinals of the service lines that are in
    it. `days`: of the claim, CCYYMMDD. `alone`: whether Claim.line_alone may be asked. Raises NotAlikeError.
    """
    places = _Places(claim, lines, alone=alone)
    return in_order([_on(one, claim, places, days, path) for one in carried])


class _Places:
    """The places in a claim for spots."""

    def __init__(self, claim: Claim, lines: Sequence[int], *, alone: bool) -> None:
        self._claim = claim
        self._ordinals = lines
        self._alone = alone
        self._lines: dict[int, ServiceLine] = {}

    def line(self, number: int) -> ServiceLine:
        """A service line, by its number among those of the normal form."""
        if number not in self._lines:
            ordinal, claim = self._ordinals[number], self._claim
            self._lines[number] = claim.line_alone(ordinal) if self._alone else claim.service_lines[ordinal - 1]
        return self._lines[number]

    def at(self, spot: Spot) -> Place:
        """A place."""
        number, at, segment_id, element, component, on_line = spot
        segment: Segment | None
        try:
            if number < 0:
                segment = self._claim.segments[at] if at else self._claim.clm
            else:
                line = self.line(number)
                segment = line.segments[at - 1] if at else line.lx
        except IndexError:
            segment = None
        if segment is None or segment.id != segment_id:
            raise NotAlikeError
        return Place(segment, element, component, self._ordinals[number] if on_line else 0)

    def edits(self, several: _Edits) -> tuple[TextEdit, ...]:
        """Edits at spots."""
        return tuple([text_edit(self.at(spot), text) for spot, text in several])


def _on(carried: Carried, claim: Claim, places: _Places, days: Sequence[bytes], path: str) -> Finding:
    sample, (where, related, fixes, choices), numbers = carried
    line, place, values = places.line(where.line) if where.on_line else None, places.at(where), sample.values
    location = location_of(claim, line, place, path, sample.location.loop or "")
    if numbers:
        values = {**values, **{name: _value([date_of(days[n]) for n in which]) for name, which in numbers.items()}}
    return sample._replace(
        location=location,
        identity=identity_of(location, *sample.identity[-2:]),
        values=values,
        related=tuple([related_place(places.at(spot), note, claim) for spot, note in related]),
        fixes=tuple([TextFix(safe, places.edits(edits)) for safe, edits in fixes]),
        choices=tuple([TextChoice(when, do, places.edits(edits)) for when, do, edits in choices]),
        raw=raw_line(claim, line, place, sample.raw),
    )


def _value(days: Sequence[date]) -> Value:
    return days[0] if len(days) == 1 else Period(*days)
