"""CLM006: a drug's service line that is not laid out as the guide says."""

import re
from collections.abc import Iterator

from lint837 import Bad, Choice, Citation, Code, DrugLine, Good, Place, Problem, Segment, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import composite_edit

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
# The elements that are one value each, and of which no other rule says what they must be.
_SIMPLE = {"LX": (1,), "SV1": (2, 5, 6, 8), "SV2": (1, 3), "LIN": (1,), "CTP": (1, 2, 3)}
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_POINTERS, _BESIDE_POINTERS = 7, (6, 8)


@rule(
    "CLM006",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "837P 005010X222A1 and 837I 005010X223A2, loop 2400, as in the maps of pyx12",
            "A service line begins with LX, and SV1 or SV2 follows it. SV102 and SV203 are the charge, a number. SV105 "
            "is a place of service, two digits. SV107 points to the diagnoses, SV106 and SV108 are not used. A "
            "modifier has two characters, and is the first, second, third or fourth.",
        ),
        Citation(
            "X12.6, application control structure",
            "The component separator stands only inside composite elements.",
        ),
    ],
    good=[
        Good(_SV1 + _REST),
        Good(f"SV1*HC:J9026:JZ::::TARLATAMAB*16000*UN*10*11**1:2**Y~{_REST}", note="each element in its place"),
    ],
    bad=[
        Bad(f"SV1*HC:J9026::JZ*16000*UN*10***1~{_REST}", at="SV101-4", note="no first modifier"),
        Bad(f"SV1*HC:J9026:JZ*16:000*UN*10***1~{_REST}", at="SV102"),
        Bad(f"SV1*HC:J9026:JZ*16,000*UN*10***1~{_REST}", at="SV102", note="a comma in the charge"),
        Bad(f"SV1*HC:J9026:JZ*16000*UN*10**1~{_REST}", at="SV106", note="the pointer one element too early"),
    ],
    yields_to=[("HCP010", "line"), ("QTY003", "line")],
    unless="is_plain",
)
def malformed_service_line(line: DrugLine) -> Iterator[Problem]:
    """A service line is not laid out as the implementation guide says.

    A separator too many or too few, or a segment out of its place, moves values to elements in which a payer does not
    look for them, or makes it reject the file, and so does a charge that is not a number. Billing software writes such
    a line only by mistake. Correct it where the file is made, and look at each value of the line: the first fault is
    reported, not its effects.
    """
    problem = _order(line) or _separator(line) or _gap(line) or _modifier(line) or _charge(line) or _beside(line)
    if problem:
        yield problem


def _order(line: DrugLine) -> Problem | None:
    """The problem of an SV1 or SV2 that does not follow its LX, or of an LX without a number."""
    service, lx = line.service, line.lx
    if service is None or (lx and service.ordinal == lx.ordinal + 1 and _is_number(line.number)):
        return None
    values = {"segment": Code(service.id)}
    if lx and service.ordinal == lx.ordinal + 1:
        return Problem(
            where=line.at_number,
            found="",
            expected="the number of the line",
            message="LX01 does not hold the number of the service line.",
            correction="write the number of the line in the claim, from 1, in LX01",
        )
    return Problem(
        where=line.at_service,
        found="",
        expected="LX, and {segment} directly after it",
        message="{segment} does not directly follow an LX segment: the beginning of the service line is lost or out of "
        "its place.",
        correction="begin each service line with LX and its number, then {segment}, then the dates, then LIN and CTP",
        values=values,
    )


def _separator(line: DrugLine) -> Problem | None:
    """The problem of a component separator in an element that is one value."""
    for segment in [line.lx, *line.segments]:
        for number in _SIMPLE.get(segment.id, ()) if segment else ():
            if segment and len(segment.components(number)) > 1:
                where = line.at(segment, number)
                return Problem(
                    where=where,
                    found="",
                    expected="one value",
                    message=f"{where.element} holds a component separator, so a payer does not read it as one value.",
                    correction=f"enter the value of {where.element} again, without a component separator",
                )
    return None


def _gap(line: DrugLine) -> Problem | None:
    """The problem of an empty component before a modifier or a pointer."""
    composite = line.at_procedure
    # Where there is no code, HCP006 writes the whole composite.
    places = [(composite.segment, composite.number, 3, 6)] if line.procedure_code else []
    if line.guide == "837P":
        places.append((composite.segment, _POINTERS, 1, 4))
    for segment, number, first, last in places:
        where = _after_gap(line, segment, number, first, last)
        if where:
            what = "modifier" if number != _POINTERS else "diagnosis pointer"
            moved = (composite_edit(line, line.procedure_code, line.modifiers),) if number != _POINTERS else ()
            return Problem(
                where=where,
                found="",
                expected=f"no empty component before a {what}",
                message=f"{where.element} holds a {what}, but the component before it is empty.",
                choices=[
                    Choice(f"no {what} is missing", f"move each {what} up, with no empty place between them", moved),
                    Choice(f"a {what} is missing", "add it ({box})"),
                ],
                values={"box": box(line, "modifiers") if number != _POINTERS else "box 24E"},
            )
    return None


def _after_gap(line: DrugLine, segment: Segment, number: int, first: int, last: int) -> Place | None:
    """The place of the first component that comes after an empty one."""
    components = segment.components(number)[first - 1 : last]
    filled = [component.strip() != "" for component in components]
    for at in range(1, len(filled)):
        if filled[at] and not filled[at - 1]:
            return line.at(segment, number, first + at)
    return None


def _modifier(line: DrugLine) -> Problem | None:
    """The problem of a modifier of the drug's own code that has not two characters: two that run together."""
    if line.code is None or not line.code.is_product or line.procedure.form:
        return None
    composite = line.at_procedure
    for number, component in enumerate(composite.segment.components(composite.number)[2:6], 3):
        written = component.strip()
        if written and not (len(written) == 2 and written.isascii() and written.isalnum()):
            where = line.at(composite.segment, composite.number, number)
            return Problem(
                where=where,
                found="no modifier",
                expected="a modifier of two letters or digits",
                message=f"{where.element} does not hold one modifier of two characters.",
                correction="write each modifier in a component of its own ({box}), and a description in the seventh",
                values={"box": box(line, "modifiers")},
            )
    return None


def _charge(line: DrugLine) -> Problem | None:
    """The problem of a charge that is missing or no number: then it is not known, either, whether the drug was free."""
    written = line.charge_as_written.strip()
    if line.service is None or _NUMBER.fullmatch(written):
        return None
    where = line.at_charge_amount
    return Problem(
        where=where,
        found="no number" if written else "nothing",
        expected="the charge as a number",
        message=f"{where.element}, the charge, is {'not a number' if written else 'empty'}.",
        correction="enter the charge as a plain number, without a comma or a dollar sign ({box})",
        values={"box": box(line, "charge")},
    )


def _beside(line: DrugLine) -> Problem | None:
    """The problem of a place of service that is none, or of pointers that stand in an element beside theirs."""
    service = line.service
    if service is None or service.id != "SV1":
        return None
    place = service.element(5)
    if place and not (len(place) == 2 and place.isalnum()):
        return Problem(
            where=line.at_place_of_service,
            found="",
            expected="a place of service of two digits, or nothing",
            message="SV105 does not hold a place of service.",
            correction="enter the place of service ({box}), and see that each value of the line is in its own element",
            values={"box": box(line, "place of service")},
        )
    used = [number for number in _BESIDE_POINTERS if service.element(number)]
    if used and not service.element(_POINTERS):
        where = line.at(service, used[0])
        return Problem(
            where=where,
            found="",
            expected="the diagnosis pointers in SV107",
            message=f"{where.element} holds a value, but the guide does not use it, and SV107 is empty.",
            correction="write the diagnosis pointers in SV107 (box 24E), and leave SV106 and SV108 empty",
        )
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
