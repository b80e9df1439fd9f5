"""GDE: what deviates from the implementation guide. Each rule reads a Deviation; its sentences hold names of the guide
and never a value of the claim.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from lint837.claims.segment import Place
from lint837.guide.deviation import Deviation, Kind
from lint837.rules.rule import Check, Citation, Problem, Rule, Severity, rule
from lint837.rules.values import counted

_GUIDES = Citation(
    "ASC X12 TR3 005010X222 (837P) and 005010X223 (837I) with their errata, as maps of pyx12",
    "They say which segments and elements each loop has, in which order, how often, and with which codes.",
)
RULE_OF_KIND: dict[Kind, Rule] = {}


class GuideProblem(NamedTuple):
    """A deviation at its place. more: how many deviations of the same slice are not told one by one."""

    deviation: Deviation
    where: Place | None
    more: int = 0


def problem_of_deviation(found: GuideProblem) -> tuple[Rule, Problem]:
    """The rule that reads a deviation, and the problem that it yields."""
    made = RULE_OF_KIND[found.deviation.kind]
    [problem] = (one for one in made.check(found) if isinstance(one, Problem))
    return made, problem


def _guide_rule(code: str, *kinds: Kind, incomplete: bool = False) -> Callable[[Check], Rule]:
    def decorate(check: Check) -> Rule:
        made = rule(code, severity=Severity.ERROR, cites=[_GUIDES], incomplete=incomplete, lowered=False)(check)
        RULE_OF_KIND.update(dict.fromkeys(kinds, made))
        return made

    return decorate


def _problem(
    found: GuideProblem, message: str, what: str, expected: str, correction: str, **values: str | int
) -> Problem:
    one = found.deviation
    if found.more:
        message += " {more} of this part of the claim file are not shown."
        values["more"] = counted(found.more, "more deviation")
    named = {"segment": _segment(one), "loop": one.loop or "ST", "element": _element(one)}
    return Problem(
        where=found.where,
        message=message,
        found=what,
        expected=expected,
        correction=correction,
        values={**named, **values},
        loop=one.loop,
    )


def _segment(one: Deviation) -> str:
    """A segment, such as "NM1*85 (Billing Provider Name)"."""
    return f"{one.segment_id} ({one.name})" if one.name and not one.element else one.segment_id


def _element(one: Deviation) -> str:
    """An element, such as "CLM05-1 (Facility Code Value)"."""
    name = f"{one.segment_id}{one.element:02}" + (f"-{one.component}" if one.component else "")
    return f"{name} ({one.name})" if one.name else name


@_guide_rule("GDE001", Kind.UNKNOWN_ID, Kind.UNEXPECTED, Kind.MISPLACED)
def unexpected_segment(found: GuideProblem) -> Iterator[Problem]:
    """A segment is unknown to the guide, or is not where the guide has it.

    A segment is known by its id and, where several have the same id, by its qualifier. What follows an unknown NM1 and
    belongs to it is not reported again.
    """
    match found.deviation.kind:
        case Kind.UNKNOWN_ID:
            message, what = "The guide has no segment with this id.", "an unknown segment id"
            expected, correction = "a segment of loop {loop}", "correct the segment id, or remove the segment"
        case Kind.MISPLACED:
            message, what = "{segment} comes too late or too early in loop {loop}.", "a segment out of order"
            expected, correction = "the order of the guide", "move the segment to its place in loop {loop}"
        case _:
            message = "This {segment} segment, with the qualifier that it has, cannot come here in loop {loop}."
            what, expected = "a segment that the guide does not have here", "a segment of loop {loop}"
            correction = "correct its qualifier, move it to its loop, or remove it"
    yield _problem(found, message, what, expected.format(loop=found.deviation.loop or "ST"), correction)


@_guide_rule("GDE002", Kind.MISSING)
def missing_segment(found: GuideProblem) -> Iterator[Problem]:
    """A segment or loop that the guide requires is missing.

    The finding is at the segment before which it is missing, or at the last one where it is missing at the end. A
    loop is known by its first segment.
    """
    side = "after" if found.deviation.after else "before"
    yield _problem(
        found,
        "Loop {loop} has no {segment}. It belongs {side} this segment.",
        "nothing",
        _segment(found.deviation),
        "add {segment} {side} this segment",
        side=side,
    )


@_guide_rule("GDE003", Kind.TOO_MANY_SEGMENTS, Kind.TOO_MANY_LOOPS, Kind.TOO_MANY_ELEMENTS, Kind.TOO_MANY_COMPONENTS)
def too_many(found: GuideProblem) -> Iterator[Problem]:
    """A segment or loop comes more often than the guide allows, or a segment or composite has more elements.

    An element separator or component separator inside a text makes elements of it, too.
    """
    one = found.deviation
    limit = "once" if one.limit == 1 else counted(one.limit, "time")
    if one.kind is Kind.TOO_MANY_ELEMENTS:
        message, limit = "{segment} has more than {limit}.", counted(one.limit, "element")
        correction = "remove what comes after the last element, or an element separator inside a text"
    elif one.kind is Kind.TOO_MANY_COMPONENTS:
        name = f"{one.segment_id}{one.element:02}"
        message, limit = f"{name} has more than {{limit}}.", counted(one.limit, "component")
        correction = "remove what comes after the last component, or a component separator inside a text"
    elif one.kind is Kind.TOO_MANY_LOOPS:
        message = "Loop {loop}, which begins with {segment}, comes more than {limit}."
        correction = "remove one, or begin another claim or level"
    else:
        message, correction = "{segment} comes more than {limit} in loop {loop}.", "remove one, or join them"
    yield _problem(found, message, f"more than {limit}", f"at most {limit}", correction, limit=limit)


@_guide_rule("GDE004", Kind.ELEMENT_MISSING)
def missing_element(found: GuideProblem) -> Iterator[Problem]:
    """An element or component that the guide requires is empty.

    A component is required only where its composite holds something, or is required itself.
    """
    yield _problem(found, "{element} is missing.", "nothing", "a value", "fill in {element}")


@_guide_rule("GDE005", Kind.TOO_SHORT, Kind.TOO_LONG)
def wrong_length(found: GuideProblem) -> Iterator[Problem]:
    """An element is shorter or longer than the guide allows.

    In numbers the sign and the point do not count.
    """
    one = found.deviation
    is_short = one.kind is Kind.TOO_SHORT
    limit = counted(one.limit, "character")
    yield _problem(
        found,
        "{element} has {found} than {limit}.",
        "less" if is_short else "more",
        f"{'at least' if is_short else 'at most'} {limit}",
        "correct {element}",
        limit=limit,
    )


@_guide_rule("GDE006", Kind.CHARACTER, Kind.CONTROL_CHARACTER)
def wrong_character(found: GuideProblem) -> Iterator[Problem]:
    """An element holds characters that its type does not allow.

    A letter in a number, a component separator in an element that has no components, or a blank at the end. Letters
    of other languages are allowed.
    """
    if found.deviation.is_number:
        message = "{element} is not a number. It may have digits, one decimal point and a minus sign, and nothing else."
        yield _problem(found, message, "other characters", "a number", "correct {element}")
        return
    yield _problem(
        found,
        "{element} has a character that it may not have, or a blank at its end.",
        "a character that is not allowed",
        "characters of its type",
        "correct {element}",
    )


@_guide_rule("GDE007", Kind.CODE, Kind.PATTERN)
def wrong_code(found: GuideProblem) -> Iterator[Problem]:
    """An element holds a code that the guide does not have there, or has another form than the guide asks for.

    Where it is the qualifier of a segment that the loop requires, the segment is taken for that one.
    """
    if found.deviation.kind is Kind.PATTERN:
        message = "{element} does not have the form that the guide asks for: nine digits, without a hyphen."
        yield _problem(found, message, "another form", "nine digits", "write all nine digits of {element}")
        return
    codes = ", ".join(found.deviation.codes)
    message = "{element} has a code that the guide does not have in loop {loop}."
    yield _problem(
        found,
        message + (" Those of the guide: {codes}." if codes else ""),
        "another code",
        codes or "a code of the guide",
        "correct {element}",
        codes=codes,
    )


@_guide_rule("GDE008", Kind.DATE, Kind.TIME)
def wrong_date(found: GuideProblem) -> Iterator[Problem]:
    """An element is no date, period or time, or has another format than its qualifier says.

    D8 is CCYYMMDD, RD8 a period CCYYMMDD-CCYYMMDD, and a time is HHMM.
    """
    if found.deviation.kind is Kind.TIME:
        said = ("{element} is not a time. Times are written HHMM.", "no such time", "HHMM")
    else:
        said = (
            "{element} is not a date in the right form: CCYYMMDD (D8), CCYYMMDD-CCYYMMDD (RD8) or CCYYMMDDHHMM (DT).",
            "no such date",
            "a date of the calendar",
        )
    yield _problem(found, *said, "correct {element}")


@_guide_rule("GDE009", Kind.NOT_USED)
def element_not_used(found: GuideProblem) -> Iterator[Problem]:
    """An element that the guide marks as not used holds something.

    The standard has it, but receivers of claims do not read it, and may reject it.
    """
    yield _problem(found, "The guide does not use {element}.", "a value", "nothing", "empty {element}")


@_guide_rule("GDE010", Kind.CONDITION, Kind.EXCLUSION)
def syntax_note(found: GuideProblem) -> Iterator[Problem]:
    """A syntax note does not hold: an element needs another one, or excludes it.

    The finding is at the element that is missing, or at the one that is too much.
    """
    if found.deviation.kind is Kind.EXCLUSION:
        said = ("{element} may not be used beside another element of this segment.", "both", "one of them")
        yield _problem(found, *said, "empty {element} or the other one")
    else:
        said = ("{element} is missing: another element of this segment needs it.", "nothing", "a value")
        yield _problem(found, *said, "fill in {element}, or empty the element that needs it")


@_guide_rule("GDE099", Kind.NOT_CHECKED, incomplete=True)
def guide_not_checked(found: GuideProblem) -> Iterator[Problem]:
    """The structure of a claim or header could not be checked.

    This is a defect of lint837 or of pyx12, not of the claim. Other claims were checked.
    """
    failure = found.deviation.failure
    yield _problem(
        found,
        "The guide check failed ({found}), so the structure was not checked here.",
        failure,
        "a check that ends without an exception",
        "report this to the authors of lint837, with the version",
    )


GUIDE_RULES: Mapping[str, Rule] = {made.code: made for made in RULE_OF_KIND.values()}
