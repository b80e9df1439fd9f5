"""Every mention is accounted for: a code, an NDC or a name of the drug anywhere in a service line, or a line that is
damaged in any one place, never ends with status 0, unless the line is, element by element, a right one.

Here every case is made, none is drawn at random: the lines are short.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lint837 import Good, Rulebook, Severity, lint_bytes
from lint837.lint.examples import claim_file

ON = "DTP*472*D8*20250110~"
NDC = "LIN**N4*55513007701~CTP****1*UN~"
OTHER = "LIN**N4*00006302602~CTP****8*ML~"


class Start(NamedTuple):
    """A claim from which the others are made: its lines, without LX, and its guide. `own`: it bills the drug."""

    name: str
    lines: str
    guide: str
    own: bool

    @property
    def data(self) -> bytes:
        """The claim file."""
        statement = "20250110-20250110" if self.guide == "837I" else ""
        return claim_file(Good(self.lines, guide=self.guide, statement=statement))


STARTS = (
    Start("837P", f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{NDC}", "837P", own=True),
    Start("837I", f"SV2*0636*HC:J9026:JZ*16000*UN*10~{ON}{NDC}", "837I", own=True),
    Start("837P-other", f"SV1*HC:J9271*9000*UN*200***1~{ON}{OTHER}", "837P", own=False),
    Start("837I-other", f"SV2*0636*HC:J9271*9000*UN*200~{ON}{OTHER}", "837I", own=False),
    Start("837P-visit", f"SV1*HC:96413*410*UN*1***1~{ON}", "837P", own=False),
)
OF_A_LINE = ("LX", "SV1", "SV2", "SV5", "LIN", "CTP")
MENTIONS = ("C9170", "J9026", "55513007701", "55513-077-01", "55513 0059 01")
# A name counts under a miscellaneous code; here each stands in a line of one.
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


def planted(start: Start, text: str) -> Iterator[tuple[str, bytes]]:
    """The text in place of each element and component of a line, before and after it, and in each id."""
    parts = segments(start.data)
    for number in of_lines(parts):
        elements = parts[number].split("*")
        for place in range(len(elements) + 1):
            present = elements[place] if place < len(elements) else ""
            components = present.split(":")
            made = {
                ":".join([*components[:n], piece, *components[n + 1 :]])
                for n, one in enumerate(components)
                for piece in (text, one + text, text + one)
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
    return report.complete and not any(finding.severity == Severity.ERROR for finding in report.findings)


def means_the_same(data: bytes, start: Start) -> bool:
    """Whether the line is, element by element, the one that it was made from: empty elements at an end say nothing."""
    return [*map(_bare, segments(data))] == [*map(_bare, segments(start.data))]


def _bare(part: str) -> str:
    elements = [one.rstrip(": ").strip() for one in part.split("*")]
    return "*".join(elements).rstrip("*")
