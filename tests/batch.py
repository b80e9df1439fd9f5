"""Claim files for the tests: batches of several interchanges, groups, transaction sets and claims, valid by count."""

from collections.abc import Sequence
from dataclasses import dataclass

ISA = "ISA*00*          *00*          *ZZ*{sender:<15}*ZZ*RECEIVER       *260115*1200*^*00501*{control:09}*0*P*:"


@dataclass(frozen=True)
class Delimiters:
    """How a batch is written; `newline` follows each terminator."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"
    newline: str = ""


PLAIN = Delimiters()


def claim(number: str = "CLAIM-1", *lines: Sequence[str], facility: str = "11:B:1") -> list[str]:
    """A claim with its service lines, each a sequence of segments without LX."""
    segments = [f"CLM*{number}*16000***{facility}*Y*A*Y*Y", "HI*ABK:C3490"]
    for ordinal, line in enumerate(lines, 1):
        segments += [f"LX*{ordinal}", *line]
    return segments


def line(code: str = "HC:J9026:JZ", units: str = "10", day: str = "20250110") -> list[str]:
    """An 837P service line with the NDC of the 10 mg package."""
    return [f"SV1*{code}*16000*UN*{units}***1", f"DTP*472*D8*{day}", "LIN**N4*55513007701", "CTP****1*UN"]


HOME = ["N3*1 ROAD", "N4*AUSTIN*TX*787560000"]


def subscriber(
    ordinal: int, *claims: list[str], dependents: Sequence[list[str]] = (), above: int = 1, whole: bool = False
) -> list[str]:
    """A subscriber's level, HL `ordinal` below HL `above`, with its claims; each of `dependents` is a dependent's claim.
    `whole`: with all that the guides ask for.
    """
    segments = [
        f"HL*{ordinal}*{above}*22*{int(bool(dependents))}",
        "SBR*P*18*******MB",
        f"NM1*IL*1*DOE*JANE****MI*MEMBER{ordinal - 1}",
        "NM1*PR*2*PAYER*****PI*00952",
    ]
    for one in claims:
        segments += one
    for number, one in enumerate(dependents, ordinal + 1):
        segments += [f"HL*{number}*{ordinal}*23*0", "PAT*19", "NM1*QC*1*DOE*JOHN"]
        segments += [*HOME, "DMG*D8*20010322*M", *one] if whole else one
    return segments


def provider(ordinal: int = 1, *, whole: bool = False) -> list[str]:
    """A billing provider's level."""
    segments = [f"HL*{ordinal}**20*1", "NM1*85*2*CLINIC*****XX*1234567893"]
    return [*segments, *(HOME if whole else []), "REF*EI*123456789"]


def transaction_set(
    *levels: list[str], control: str = "0001", version: str = "005010X222A1", kind: str = "837", whole: bool = False
) -> list[str]:
    """ST to SE: a billing provider, and the levels below it. `whole`: with all that the guides ask for."""
    body = ["BHT*0019*00*1*20260115*1200*CH", "NM1*41*2*SENDER*****46*S1"]
    body += [*(["PER*IC*DESK*TE*5125550143"] if whole else []), "NM1*40*2*RECEIVER*****46*R1"]
    body += provider(whole=whole)
    for one in levels:
        body += one
    return [f"ST*{kind}*{control}*{version}", *body, f"SE*{len(body) + 2}*{control}"]


def group(*sets: list[str], control: int = 1, version: str = "005010X222A1") -> list[str]:
    """GS to GE."""
    segments = [f"GS*HC*SENDER*RECEIVER*20260115*1200*{control}*X*{version}"]
    for one in sets:
        segments += one
    return [*segments, f"GE*{len(sets)}*{control}"]


def interchange(*groups: list[str], control: int = 1, delimiters: Delimiters = PLAIN, sender: str = "SENDER") -> str:
    """ISA to IEA, written with `delimiters`."""
    head = ISA.format(sender=sender, control=control)
    segments = [head]
    for one in groups:
        segments += one
    segments.append(f"IEA*{len(groups)}*{control:09}")
    text = "~".join([*segments, ""])
    table = str.maketrans("*:^", delimiters.element + delimiters.component + delimiters.repetition)
    return text.translate(table).replace("~", delimiters.terminator + delimiters.newline)


def segments_of(text: str) -> list[str]:
    """The segments of a file written with the plain delimiters."""
    return text.split("~")[:-1]


def batch() -> str:
    """Two interchanges, three groups, four transaction sets, both guides, subscribers and dependents, an 834 beside
    them; nothing in it is wrong.
    """
    hospital = "005010X223A2"
    institutional = claim(
        "CLAIM-6",
        ["SV2*0636*HC:J9026:JZ*16000*UN*10", "DTP*472*D8*20250207", "LIN**N4*55513007701", "CTP****1*UN"],
        facility="13:A:1",
    )
    first = interchange(
        group(
            transaction_set(
                subscriber(2, claim("CLAIM-1", line()), claim("CLAIM-2", line(day="20250117"), line(day="20250131"))),
                subscriber(3, dependents=[claim("CLAIM-3", line())]),
            ),
            transaction_set(subscriber(2, claim("CLAIM-4", line(day="20250124"))), control="0002"),
        ),
        group(
            ["ST*834*0001*005010X220A1", "BGN*00*1*20260115", "INS*Y*18*021", "REF*0F*MEMBER1", "SE*5*0001"],
            control=2,
            version="005010X220A1",
        ),
    )
    second = interchange(
        group(transaction_set(subscriber(2, institutional), version=hospital), version=hospital), control=2
    )
    return first + second


def wrapped(data: bytes, width: int = 80, line_end: bytes = b"\n") -> bytes:
    """A file hard-wrapped at a width."""
    return line_end.join(data[i : i + width] for i in range(0, len(data), width))
