"""Right claims of both guides, made of a seed: each is written as its implementation guide and the rules about every claim
want it. And one fault for each of these rules, made at a known element.
"""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple

_LETTERS, _MBI_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "ACDEFGHJKMNPQRTUVWXY"
_DIAGNOSES = ("C3490", "C3411", "E119", "I10", "J189", "M545", "Z5111", "D6481", "R0600", "K219", "N186", "F329")
_OLD_DIAGNOSES = ("1629", "25000", "4019", "486", "7245", "53081")
_SERVICES = ("99213", "99214", "96413", "J1100", "J9271", "85025", "80053", "71046", "G0463")
_FILING = ("MB", "CI", "BL", "HM", "MC", "16")
_STREETS = ("120 Main St", "7 Boxwood Lane", "4400 Lockwood Ave", "1 Postal Square")


class Made(NamedTuple):
    """A claim file: its guide, 837P or 837I, and its segments."""

    guide: str
    segments: list[str]

    @property
    def data(self) -> bytes:
        """The file, with a right SE01."""
        first, last = self.at("ST"), self.at("SE")
        counted = [*self.segments[:last], f"SE*{last - first + 1}*0001", *self.segments[last + 1 :]]
        return ("~".join(counted) + "~").encode("ascii")

    def at(self, start: str) -> int:
        """The index of the first segment that begins so."""
        return next(n for n, segment in enumerate(self.segments) if segment.startswith(start))


class _Maker:
    """Makes one claim; `wanted` are the features that it has for certain, and those that it has not, with a minus."""

    def __init__(self, seed: int, guide: str, wanted: Iterable[str]) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - no secret
        self.guide = guide or self.rng.choice(("837P", "837I"))
        self.wanted = set(wanted)
        self.medicare = self.has("medicare")
        self.day = date(2026, 1, 5) - timedelta(self.rng.randrange(300))
        if self.has("icd-9", 0.05):
            self.day = date(2015, 9, 28) - timedelta(self.rng.randrange(300))

    def has(self, feature: str, probability: float = 0.3) -> bool:
        """Whether the claim has a feature; asked once for each."""
        drawn = self.rng.random() < probability
        return feature in self.wanted or (drawn and f"-{feature}" not in self.wanted)

    def digits(self, length: int) -> str:
        return str(self.rng.randrange(10 ** (length - 1), 10**length))

    def npi(self) -> str:
        """Ten digits, the last of which is right by Luhn with the prefix 80840."""
        body = str(self.rng.choice((1, 2))) + self.digits(8)
        doubled = [int(one) * (1 + n % 2) for n, one in enumerate(reversed("80840" + body), 1)]
        total = sum(one // 10 + one % 10 for one in doubled)
        return body + str(-total % 10)

    def mbi(self) -> str:
        pick = {"C": "123456789", "A": _MBI_LETTERS, "N": "0123456789", "X": _MBI_LETTERS + "0123456789"}
        return "".join(self.rng.choice(pick[one]) for one in "CAXNAXNAANN")

    def address(self) -> list[str]:
        return [f"N3*{self.rng.choice(_STREETS)}", f"N4*AUSTIN*TX*{self.digits(5)}{self.rng.randrange(1, 9990):04}"]

    def person(self, code: str, identifier: str = "") -> str:
        return f"NM1*{code}*1*{self.rng.choice(('DOE', 'ROE', 'POE'))}*{self.rng.choice(('JANE', 'JOHN'))}{identifier}"


def made(seed: int, *wanted: str, guide: str = "") -> Made:
    """The claim of a seed."""
    maker = _Maker(seed, guide, wanted)
    rng, institutional = maker.rng, maker.guide == "837I"
    version = "005010X223A2" if institutional else "005010X222A1"
    filed = maker.day + timedelta(rng.randrange(12, 40))
    later, medicare = maker.has("secondary", 0.2), maker.medicare
    filing = ("MA" if institutional else "MB") if medicare else rng.choice(_FILING[1:])
    dependent = not medicare and maker.has("dependent", 0.2)
    member = maker.mbi() if medicare else rng.choice(("W", "XEA")) + maker.digits(9)
    segments = [
        f"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *{filed:%y%m%d}*1200*^*00501*000000001*0*P*:",
        f"GS*HC*SENDER*RECEIVER*{filed:%Y%m%d}*1200*1*X*{version}",
        f"ST*837*0001*{version}",
        f"BHT*0019*00*{maker.digits(6)}*{filed:%Y%m%d}*1200*CH",
        *("NM1*41*2*SENDER*****46*S1", "PER*IC*HELP*TE*5125550100", "NM1*40*2*RECEIVER*****46*R1", "HL*1**20*1"),
        f"NM1*85*2*CLINIC*****XX*{maker.npi()}",
        *maker.address(),
        f"REF*EI*{rng.choice((2, 4, 7))}{maker.digits(8)}",
    ]
    if maker.has("pay-to"):
        segments += ["NM1*87*2", "N3*PO BOX 17", maker.address()[1]]
    segments += [
        f"HL*2*1*22*{int(dependent)}",
        f"SBR*{'S' if later else 'P'}*{'' if dependent else '18'}*******{filing}",
        maker.person("IL", f"****MI*{member}"),
    ]
    if not dependent:
        segments += [*maker.address(), "DMG*D8*19500101*F"]
    segments += ["NM1*PR*2*PAYER*****PI*00001"]
    if dependent:
        segments += ["HL*3*2*23*0", "PAT*19", maker.person("QC"), *maker.address(), "DMG*D8*20100101*M"]
    lines = _lines(maker, institutional=institutional, later=later)
    segments += _claim(maker, lines, institutional=institutional, later=later)
    segments += [segment for _, line in lines for segment in line]
    segments += ["SE*0*0001", "GE*1*1", "IEA*1*000000001"]
    return Made(maker.guide, segments)


def _lines(maker: _Maker, *, institutional: bool, later: bool) -> list[tuple[int, list[str]]]:
    """The service lines, each with its charge in dollars."""
    rng, found = maker.rng, []
    for number in range(1, rng.randrange(3 if maker.has("lines") else 2, 5)):
        code, charge, units = rng.choice(_SERVICES), rng.randrange(20, 900), rng.randrange(1, 9)
        modifiers = "".join(f":{one}" for one in rng.sample(("25", "59", "RT", "76"), rng.randrange(3)))
        day = f"DTP*472*D8*{maker.day:%Y%m%d}"
        if institutional:
            service = f"SV2*0510*HC:{code}{modifiers}*{charge}*UN*{units}"
        else:
            service = f"SV1*HC:{code}{modifiers}*{charge}.{rng.choice(('00', '50'))}*UN*{units}***1"
            charge = charge * 100 + int(service.partition(".")[2][:2])
        line = [f"LX*{number}", service, day]
        if later:
            whole = charge if institutional else charge / 100
            paid = rng.randrange(1, 20)
            line += [
                f"SVD*00002*{paid}*HC:{code}{modifiers}*{'0510' if institutional else ''}*{units}",
                f"CAS*CO*45*{whole - paid:g}",
                f"DTP*573*D8*{maker.day + timedelta(5):%Y%m%d}",
            ]
        found.append((charge * 100 if institutional else charge, line))
    return found


def _claim(maker: _Maker, lines: list[tuple[int, list[str]]], *, institutional: bool, later: bool) -> list[str]:
    """Loop 2300 up to the first line."""
    rng, day = maker.rng, f"{maker.day:%Y%m%d}"
    cents = sum(charge for charge, _ in lines)
    total = f"{cents // 100}.{cents % 100:02}" if cents % 100 else str(cents // 100)
    old = maker.day < date(2015, 10, 1)
    codes = rng.sample(_OLD_DIAGNOSES if old else _DIAGNOSES, rng.randrange(1, 4))
    first, other = ("BK", "BF") if old else ("ABK", "ABF")
    replacement = maker.has("replacement", 0.15) and (institutional or not maker.medicare)
    frequency = "7" if replacement else "1"
    segments: list[str]
    if institutional:
        inpatient = maker.has("inpatient", 0.4)
        segments = [f"CLM*{maker.digits(8)}*{total}***{'11' if inpatient else '13'}:A:{frequency}**A*Y*Y"]
        leaves = maker.day + timedelta(2) if inpatient else maker.day
        if inpatient:
            segments += ["DTP*096*TM*1130"]
        segments += [f"DTP*434*RD8*{day}-{leaves:%Y%m%d}"]
        if inpatient:
            segments += [f"DTP*435*DT*{day}0915"]
        segments += [f"CL1*{'1' if inpatient else '3'}*1*01"]
    else:
        accident = maker.has("accident", 0.15)
        causes = "*AA:::TX" if accident else ""
        segments = [f"CLM*{maker.digits(8)}*{total}***11:B:{frequency}*Y*A*Y*Y{'*' + causes if causes else ''}"]
        if accident:
            segments += [f"DTP*439*D8*{maker.day - timedelta(3):%Y%m%d}"]
    if replacement:
        segments += [f"REF*F8*{maker.digits(10)}"]
    segments += _diagnoses(maker, codes, first, other, institutional=institutional)
    if institutional:
        segments += [maker.person("71", f"****XX*{maker.npi()}")]
    elif maker.has("rendering"):
        segments += [maker.person("82", f"****XX*{maker.npi()}")]
    if not institutional and maker.has("facility", 0.2):
        segments += [f"NM1*77*2*HALL*****XX*{maker.npi()}", *maker.address()]
    if later:
        paid = sum(int(segment.split("*")[2]) for _, line in lines for segment in line if segment.startswith("SVD"))
        segments += ["SBR*P*18*******CI", f"AMT*D*{paid}", "OI***Y***Y", maker.person("IL", "****MI*Z12345678")]
        segments += ["NM1*PR*2*FIRST PAYER*****PI*00002"]
    return segments


def _diagnoses(maker: _Maker, codes: list[str], first: str, other: str, *, institutional: bool) -> list[str]:
    present = ":::::::Y" if institutional else ""
    if not institutional:
        return ["*".join(["HI", f"{first}:{codes[0]}", *(f"{other}:{one}" for one in codes[1:])])]
    segments = [f"HI*{first}:{codes[0]}{present}"]
    if len(codes) > 1:
        segments += ["*".join(["HI", *(f"{other}:{one}{present}" for one in codes[1:])])]
    if maker.has("bill codes"):
        segments += [f"HI*BI:74:RD8:{maker.day:%Y%m%d}-{maker.day:%Y%m%d}", f"HI*BH:11:D8:{maker.day:%Y%m%d}"]
        segments += ["HI*BE:01:::450*BE:80:::2", "HI*BG:02*BG:09"]
    return segments


# ---------------------------------------------------------------- one fault a rule


class Fault(NamedTuple):
    """A fault: the rule that finds it, the element where, the guide and features of the claim that it is made in, and
    what is done to the segments.
    """

    rule: str
    element: str
    guide: str
    features: tuple[str, ...]
    make: Callable[[Made], None]


def _set(start: str, element: int, value: str, component: int = 0) -> Callable[[Made], None]:
    """Puts a value into an element, or a component of it, of the first segment that begins so."""

    def make(claim: Made) -> None:
        at = claim.at(start)
        elements = claim.segments[at].split("*")
        elements += [""] * (element + 1 - len(elements))
        if component:
            parts = elements[element].split(":")
            parts += [""] * (component - len(parts))
            parts[component - 1] = value
            value_of = ":".join(parts)
        else:
            value_of = value
        elements[element] = value_of
        claim.segments[at] = "*".join(elements)

    return make


def _remove(start: str) -> Callable[[Made], None]:
    def make(claim: Made) -> None:
        del claim.segments[claim.at(start)]

    return make


def _insert(start: str, *segments: str) -> Callable[[Made], None]:
    """Puts segments after the first that begins so."""

    def make(claim: Made) -> None:
        at = claim.at(start) + 1
        claim.segments[at:at] = segments

    return make


_P, _I = "837P", "837I"
_PLAIN = ("-secondary", "-accident", "-icd-9", "-replacement", "-inpatient", "-dependent", "-bill codes")
FAULTS = (
    Fault("BAL001", "CLM02", _P, _PLAIN, _set("CLM", 2, "99999")),
    Fault("BAL001", "CLM02", _I, _PLAIN, _set("CLM", 2, "99999")),
    Fault("NPI001", "NM109", _P, _PLAIN, _set("NM1*85", 9, "1234567890")),
    Fault("NPI001", "NM109", _I, _PLAIN, _set("NM1*71", 9, "3234567893")),
    Fault("PAT001", "NM109", _P, ("medicare", *_PLAIN), _set("NM1*IL", 9, "1S00A00AA00")),
    Fault("PAT001", "NM109", _I, ("medicare", *_PLAIN), _set("NM1*IL", 9, "1A00A00AA0")),
    Fault("SVC002", "SV101-4", _P, _PLAIN, _set("SV1", 1, "HC:99213:25:25")),
    Fault("SVC002", "SV202-4", _I, _PLAIN, _set("SV2", 2, "HC:99213:25:25")),
    Fault("DIA002", "SV107-1", _P, _PLAIN, _set("SV1", 7, "9")),
    Fault("DIA002", "SV107-2", _P, _PLAIN, _set("SV1", 7, "1:0")),
    Fault("PAY001", "CLM05-3", _P, ("-medicare", *_PLAIN), _set("CLM", 5, "7", 3)),
    Fault("PAY001", "CLM05-3", _I, _PLAIN, _set("CLM", 5, "7", 3)),
    Fault("DIA001", "HI01-2", _P, _PLAIN, _set("HI", 1, "ABK:E66.9")),
    Fault("DIA001", "HI01-2", _I, _PLAIN, _set("HI", 1, "ABK:34900:::::::Y")),
    Fault("SVC001", "SV101-2", _P, _PLAIN, _set("SV1", 1, "HC:9921")),
    Fault("SVC001", "SV202-2", _I, _PLAIN, _set("SV2", 2, "HC:ABCDE")),
    Fault("ADR001", "N403", _P, _PLAIN, _set("N4", 3, "78701")),
    Fault("ADR001", "N403", _I, _PLAIN, _set("N4", 3, "78701")),
    Fault("COB001", "SBR01", _P, ("secondary", *_PLAIN[1:]), _set("SBR*P", 1, "S")),
    Fault("PAT003", "SBR02", _P, _PLAIN, _set("SBR", 2, "")),
    Fault("PAT003", "SBR02", _I, ("dependent", "-medicare", *_PLAIN[:-2]), _set("SBR", 2, "18")),
    Fault("COB004", "", _P, ("secondary", *_PLAIN[1:]), _remove("DTP*573")),
    Fault("DTM001", "DTP03", _P, _PLAIN, _set("DTP*472", 3, "20260230")),
    Fault("DTM001", "DTP03", _I, _PLAIN, _set("DTP*434", 3, "20260105-20260104")),
    Fault("DTM002", "", _P, _PLAIN, _remove("DTP*472")),
    Fault("DTM003", "DTP03", _P, _PLAIN, _set("DTP*472", 3, "20990105")),
    Fault("SVC003", "SV101-7", _P, _PLAIN, _set("SV1", 1, "HC:J3490")),
    Fault("SVC004", "SV104", _P, _PLAIN, _set("SV1", 4, "-1")),
    Fault("SVC004", "SV103", _P, _PLAIN, _set("SV1", 3, "XX")),
    Fault("SVC004", "SV204", _I, _PLAIN, _set("SV2", 4, "XX")),
    Fault("PAT002", "NM109", _P, ("-medicare", *_PLAIN), _set("NM1*IL", 9, "W-123456789")),
    Fault("PRV001", "REF02", _P, _PLAIN, _set("REF*EI", 2, "12345678")),
    Fault("PRV001", "REF02", _I, _PLAIN, _set("REF*EI", 2, "000000000")),
    Fault("ADR002", "N301", _P, _PLAIN, _set("N3", 1, "P.O. Box 12")),
    Fault("DIA003", "HI01-2", _P, _PLAIN, _set("HI", 1, "BK:1629")),
    Fault("DIA004", "HI02-2", _P, _PLAIN, lambda claim: _double_diagnosis(claim)),
    Fault("DIA005", "HI01-2", _P, _PLAIN, _set("HI", 1, "ABK:W1830XA")),
    Fault("ACC001", "CLM11-4", _P, ("accident", "-secondary", "-icd-9"), _set("CLM", 11, "AA")),
    Fault("BAL003", "SV102", _P, _PLAIN, lambda claim: _negative_line(claim)),
    Fault("COB005", "SBR01", _P, ("secondary", *_PLAIN[1:]), lambda claim: _undecided(claim)),
    Fault("COB006", "SBR01", _P, ("secondary", *_PLAIN[1:]), _remove("AMT*D")),
    Fault("COB007", "SVD01", _P, ("secondary", *_PLAIN[1:]), lambda claim: _another_payer(claim)),
    Fault("COB008", "DTP01", _P, ("secondary", *_PLAIN[1:]), _insert("NM1*PR*2*FIRST", "DTP*573*D8*20260101")),
    Fault(
        "COB009",
        "AMT01",
        _P,
        ("secondary", *_PLAIN[1:]),
        lambda claim: (_insert("AMT*D", "AMT*EAF*1")(claim), _insert("DTP*573", "AMT*EAF*1")(claim))[0],
    ),
    Fault("COB010", "SVD02", _P, ("secondary", *_PLAIN[1:]), _set("SVD", 2, "X")),
    Fault("PAY002", "REF02", _P, _PLAIN, lambda claim: _insert("CLM", "REF*F8*12345")(claim)),
    Fault("PAY003", "CLM05-3", _P, ("medicare", *_PLAIN), lambda claim: _replaced(claim)),
    Fault("UBC004", "SV201", _I, _PLAIN, _set("SV2", 1, "510")),
    Fault("SVC006", "REF02", _P, ("lines", *_PLAIN), lambda claim: _one_control_number(claim)),
    Fault("SVC007", "LX01", _P, _PLAIN, _set("LX", 1, "7")),
    Fault("DTM004", "DTP03", _I, _PLAIN, _set("DTP*472", 3, "20160101")),
    Fault("PAT004", "DMG02", _P, _PLAIN, _set("DMG", 2, "18500101")),
    Fault("PRV002", "NM109", _I, _PLAIN, lambda claim: _set("NM1*71", 9, _element(claim, "NM1*85", 9))(claim)),
    Fault("PRV003", "", _I, _PLAIN, _remove("NM1*71")),
    Fault("SVC008", "REF02", _P, _PLAIN, _insert("DTP*472", f"REF*6R*{'A' * 31}")),
    Fault("SVC009", "SVD05", _P, ("secondary", *_PLAIN[1:]), _set("SVD", 5, "-1")),
    Fault("PAY004", "CLM05-3", _P, _PLAIN, _set("CLM", 5, "5", 3)),
    Fault("PAY004", "CLM05-3", _I, _PLAIN, _set("CLM", 5, "11", 3)),
    Fault("UBC003", "CLM05-1", _I, _PLAIN, _set("CLM", 5, "013", 1)),
    Fault("COB011", "CAS01", _P, ("secondary", *_PLAIN[1:]), _set("CAS", 1, "XX")),
    Fault("ADR003", "N403", _P, ("facility", *_PLAIN), lambda claim: _facility_zip(claim)),
    Fault("BAL002", "CLM02", _P, _PLAIN, lambda claim: _nothing_charged(claim)),
    Fault("COB002", "SVD02", _P, ("secondary", *_PLAIN[1:]), _set("CAS", 3, "9999")),
    Fault("COB003", "AMT02", _P, ("secondary", *_PLAIN[1:]), _set("AMT*D", 2, "9999")),
    Fault("SVC005", "LIN03", _P, _PLAIN, _insert("DTP*472", "LIN**N4*63323-0165-01", "CTP****1*ML")),
    Fault("UBC001", "CL103", _I, ("inpatient", *_PLAIN[:4]), _set("CL1", 3, "30")),
    Fault("UBC002", "HI02-2", _I, ("bill codes", *_PLAIN[:-1]), _set("HI*BG", 2, "BG:02")),
)


def _element(claim: Made, start: str, element: int) -> str:
    return claim.segments[claim.at(start)].split("*")[element]


def _replaced(claim: Made) -> None:
    _set("CLM", 5, "7", 3)(claim)
    _insert("CLM", "REF*F8*12345")(claim)


def _negative_line(claim: Made) -> None:
    """A line that takes 20 dollars back, also from the total."""
    total = float(_element(claim, "CLM", 2))
    _set("CLM", 2, f"{total - 20:.2f}")(claim)
    lines = sum(segment.startswith("LX*") for segment in claim.segments)
    day = next(segment for segment in claim.segments if segment.startswith("DTP*472"))
    claim.segments[claim.at("SE") : claim.at("SE")] = [f"LX*{lines + 1}", "SV1*HC:99213*-20*UN*1***1", day]


def _undecided(claim: Made) -> None:
    """The first payer has decided nothing."""
    gone = ("AMT*D", "SVD", "CAS", "DTP*573")
    claim.segments[:] = [segment for segment in claim.segments if not segment.startswith(gone)]


def _another_payer(claim: Made) -> None:
    """The first payer has another id than its decisions on the lines; its date is at the claim too."""
    _set("NM1*PR*2*FIRST", 9, "00003")(claim)
    _insert("NM1*PR*2*FIRST", "DTP*573*D8*20260101")(claim)


def _one_control_number(claim: Made) -> None:
    day = next(segment for segment in claim.segments if segment.startswith("DTP*472"))
    for at in [n for n, segment in enumerate(claim.segments) if segment == day][1::-1]:
        claim.segments.insert(at + 1, "REF*6R*1")


def _facility_zip(claim: Made) -> None:
    at = claim.at("NM1*77") + 2
    claim.segments[at] = claim.segments[at][:-4]


def _nothing_charged(claim: Made) -> None:
    for at, segment in enumerate(claim.segments):
        elements = segment.split("*")
        if elements[0] in ("CLM", "SV1"):
            elements[2] = "0"
            claim.segments[at] = "*".join(elements)


def _double_diagnosis(claim: Made) -> None:
    at = claim.at("HI")
    code = claim.segments[at].split("*")[1].split(":")[1]
    claim.segments[at] = f"HI*ABK:{code}*ABF:{code}"
