"""Every mention is accounted for: a code, an NDC or a name of the drug anywhere in a service line, or a line that is
damaged in any one place, never ends with status 0, unless the line is, element by element, a right one.

No case is drawn at random: the lines are short.
"""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from lint837 import Good, Rulebook, Severity, lint_bytes
from lint837.lint.examples import claim_file

ON = "DTP*472*D8*20250110~"
NDC = "LIN**N4*55513007701~CTP****1*UN~"


class Start(NamedTuple):
    """A claim from which the others are made: its lines, without LX, and its guide."""

    lines: str
    guide: str

    @property
    def data(self) -> bytes:
        """The claim file."""
        statement = "20250110-20250110" if self.guide == "837I" else ""
        return claim_file(Good(self.lines, guide=self.guide, statement=statement))


RIGHT = (
    Start(f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{NDC}", "837P"),
    Start(f"SV2*0636*HC:J9026:JZ*16000*UN*10~{ON}{NDC}", "837I"),
)
# Nothing but the code identifies the drug.
WITHOUT_NDC = (
    Start(f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}", "837P"),
    Start(f"SV2*0636*HC:J9026:JZ*16000*UN*10~{ON}", "837I"),
)
# A name is looked for where a line has a miscellaneous code.
MISCELLANEOUS = (
    Start(f"SV1*HC:J9999*900*UN*1***1~{ON}", "837P"),
    Start(f"SV2*0636*HC:C9399*900*UN*1~{ON}", "837I"),
)
VISITS = (Start(f"SV1*HC:96413*410*UN*1***1~{ON}", "837P"), Start(f"SV2*0260*HC:96413*410*UN*1~{ON}", "837I"))
OF_A_LINE = ("LX", "SV1", "SV2", "SV5", "LIN", "CTP")
MENTIONS = ("C9170", "J9026", "55513007701", "55513-077-01", "55513 0059 01")
NAMES = ("TARLATAMAB", "IMDELLTRA", "TARLATUMAB", "INDELLTRA", "IMDELLTR")


def segments(data: bytes) -> list[str]:
    return data.decode("latin-1").split("~")[:-1]


def joined(parts: list[str], *, counted: bool = True) -> bytes:
    """The segments as a file; with a right SE01, so that only the damage itself can be found."""
    if counted:
        first = next(n for n, part in enumerate(parts) if part.startswith("ST*"))
        last = next(n for n, part in enumerate(parts) if part.startswith("SE*"))
        parts = [*parts[:last], f"SE*{last - first + 1}*0001", *parts[last + 1 :]]
    return ("~".join(parts) + "~").encode("latin-1")


def of_lines(parts: list[str]) -> Iterator[int]:
    """The numbers of the segments LX, SV1, SV2, LIN and CTP."""
    yield from (n for n, part in enumerate(parts) if part.partition("*")[0] in OF_A_LINE)


# ---------------------------------------------------------------- the changes: each a name and a file


def planted(start: Start, text: str, *, glued: bool) -> Iterator[tuple[str, bytes]]:
    """The text in place of each element, component and id of a line, or beside it; or also glued to what is there."""
    parts = segments(start.data)
    for number in of_lines(parts):
        elements = parts[number].split("*")
        for place in range(len(elements) + 1):
            present = elements[place] if place < len(elements) else ""
            components = present.split(":")
            made = {
                ":".join([*components[:n], piece, *components[n + 1 :]])
                for n, one in enumerate(components)
                for piece in ((text, one + text, text + one) if glued else (text,))
            }
            made |= {f"{present}:{text}", f"{text}:{present}"}
            for one in sorted(made):
                changed = "*".join([*elements[:place], one, *elements[place + 1 :]])
                yield f"{parts[number]} -> {changed}", joined([*parts[:number], changed, *parts[number + 1 :]])


def damaged(start: Start) -> Iterator[tuple[str, bytes]]:
    """Each segment of a line removed, doubled or moved, and each separator in it removed, doubled or moved."""
    parts = segments(start.data)
    here = list(of_lines(parts))
    for number in here:
        part, rest = parts[number], [*parts[:number], *parts[number + 1 :]]
        yield f"without {part}", joined(rest)
        yield f"{part} twice", joined([*parts[:number], part, *parts[number:]])
        for place in range(here[0] - 3, len(rest) - 2):
            if place != number:
                yield f"{part} before {rest[place]}", joined([*rest[:place], part, *rest[place:]])
        for changed in sorted(_separators(part)):
            yield f"{part} -> {changed}", joined([*parts[:number], changed, *parts[number + 1 :]])
        if number < here[-1]:
            yield f"{part} glued to the next", joined([*parts[:number], part + parts[number + 1], *parts[number + 2 :]])
        yield f"{part} and an empty one", joined([*parts[: number + 1], "", *parts[number + 1 :]], counted=False)


def _separators(part: str) -> set[str]:
    found = {part[:n] + part[n + 1 :] for n, one in enumerate(part) if one in "*:"}  # removed
    found |= {part[:n] + one + part[n:] for n, one in enumerate(part) if one in "*:"}  # doubled
    found |= {  # moved by one character
        part[:n] + part[n + 1] + one + part[n + 2 :] for n, one in enumerate(part) if one in "*:" and n + 1 < len(part)
    }
    found |= {part[: n - 1] + one + part[n - 1] + part[n + 1 :] for n, one in enumerate(part) if one in "*:" and n}
    found |= {part[:n] + separator + part[n:] for n in range(1, len(part) + 1) for separator in "*:"}  # added
    return found - {part}


# ---------------------------------------------------------------- what must come of them


def is_silent(data: bytes, rulebook: Rulebook) -> bool:
    """Whether a run ends with status 0."""
    report = lint_bytes(data, rulebook=rulebook)
    complete = all(one.complete for one in report.inputs)
    return complete and not any(finding.severity == Severity.ERROR for finding in report.findings)


def elements(data: bytes) -> tuple[list[str], bool]:
    """A line's segments from LX on, element by element, without what is empty at their ends; what is said twice counts
    once. And whether SV1 or SV2 is directly after LX.
    """
    parts = [part for part in segments(data) if part]
    ids = [part.partition("*")[0] for part in parts]
    first = ids.index("LX") if "LX" in ids else 0
    said = {
        "*".join(element.rstrip(":") for element in part.split("*")).rstrip("*")
        for part in parts[first : ids.index("SE")]
    }
    return sorted(said), first + 1 < len(ids) and ids[first + 1] in ("SV1", "SV2")


@pytest.mark.parametrize("start", RIGHT, ids=lambda start: start.guide)
def test_the_right_lines_are_right(rulebook: Rulebook, start: Start) -> None:
    assert not lint_bytes(start.data, rulebook=rulebook).findings


@pytest.mark.parametrize("text", MENTIONS)
@pytest.mark.parametrize("start", [*RIGHT, *MISCELLANEOUS, *VISITS], ids=lambda start: start.lines[:16])
def test_a_code_or_an_ndc_anywhere(rulebook: Rulebook, start: Start, text: str) -> None:
    """Every second change with one text, the others with the next."""
    changes = [change for change in planted(start, text, glued=True) if change[1] != start.data]
    changes = changes[MENTIONS.index(text) % 2 :: 2]
    assert len(changes) > 20
    assert [name for name, data in changes if is_silent(data, rulebook)] == []


@pytest.mark.parametrize("text", NAMES)
@pytest.mark.parametrize("start", MISCELLANEOUS, ids=lambda start: start.guide)
def test_a_name_anywhere(rulebook: Rulebook, start: Start, text: str) -> None:
    """In place of the miscellaneous code itself nothing is left by which the claim would be read."""
    code = "J9999" if start.guide == "837P" else "C9399"
    changes = [change for change in planted(start, text, glued=False) if code.encode() in change[1]]
    assert len(changes) > 25
    assert [name for name, data in changes if is_silent(data, rulebook)] == []


@pytest.mark.parametrize("start", [*RIGHT, *WITHOUT_NDC], ids=lambda start: start.lines[:12])
def test_any_one_damage_to_a_right_line(rulebook: Rulebook, start: Start) -> None:
    """Without an NDC nothing tells 10 units from 1 on an SV2, where a 0 in the next element is a rate."""
    changes = [one for one in damaged(start) if not (start == WITHOUT_NDC[1] and one[0].endswith("*UN*1*0"))]
    right = elements(start.data)
    assert len(changes) > 90
    assert [name for name, data in changes if is_silent(data, rulebook) and elements(data) != right] == []


@pytest.mark.parametrize("start", RIGHT, ids=lambda start: start.guide)
@pytest.mark.parametrize("between", ["NM1*82*1*ROE*ANN****XX*1234567893", "REF*6R*1", "AMT*T*1"])
def test_what_no_rule_reads_between_lx_and_the_service(rulebook: Rulebook, start: Start, between: str) -> None:
    """Such a claim has no normal form: there the segment would be left out."""
    parts = segments(start.data)
    at = next(n for n, part in enumerate(parts) if part.startswith("LX*")) + 1
    found = lint_bytes(joined([*parts[:at], between, *parts[at:]]), rulebook=rulebook).findings
    assert [finding.rule for finding in found] == ["CLM006"]
