"""The edits of clearinghouses and payers that a claim file decides by itself, for the samples: a second opinion, which
shares no code with lint837. Each edit is a generator over a claim that yields a text for each place where it fails.

They follow public pages: the edits that CEDI, Noridian, UnitedHealthcare and Stedi publish, and TriZetto's lists.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Segment = list[str]
Edit = Callable[["Sent"], Iterator[str]]
EDITS: dict[str, Edit] = {}
_NPI = re.compile("[12][0-9]{9}")
# C A AN N A AN N A A N N, where A is no S, L, O, I, B or Z.
_MBI = re.compile("[1-9]{0}{1}[0-9]{0}{1}[0-9]{0}{0}[0-9][0-9]".format("[AC-HJKMNP-RT-Y]", "[AC-HJKMNP-RT-Y0-9]"))
_ICD_10 = re.compile("[A-Z][0-9][0-9A-Z]{1,5}")
_DIAGNOSES = {"ABK", "ABF", "ABJ", "APR", "ABN"}
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_DATES = {"472", "434", "435", "096", "573", "439", "431", "454", "304"}
_NOT_CLASSIFIED = {"J3490", "J3590", "J9999", "C9399"}
_EXEMPT_FROM_POA = re.compile("Z")  # not all Z codes are, but those of the samples
_MEDICARE = {"MA", "MB"}
_PREVIOUS = {"P": "", "S": "P", "T": "S"}


@dataclass
class Sent:
    """A claim with the loops above it. `others`: loops 2320; `lines`: from LX on."""

    guide: str
    begin: Segment
    billing: list[Segment]
    subscriber: list[Segment]
    patient: list[Segment]
    claim: list[Segment] = field(default_factory=list)
    others: list[list[Segment]] = field(default_factory=list)
    lines: list[list[Segment]] = field(default_factory=list)

    @property
    def professional(self) -> bool:
        return self.guide.startswith("005010X222")

    @property
    def name(self) -> str:
        return self.claim[0][1]

    @property
    def frequency(self) -> str:
        return component(self.claim[0], 5, 3)

    @property
    def inpatient(self) -> bool:
        return not self.professional and component(self.claim[0], 5, 1) in ("11", "18", "21", "41")

    @property
    def payer(self) -> str:
        return element(one(self.subscriber, "SBR"), 9)

    @property
    def codes(self) -> list[tuple[str, list[str]]]:
        """The composites of HI: the qualifier, and all components."""
        found = [value.split(":") for hi in every(self.claim, "HI") for value in hi[1:]]
        return [(parts[0], parts) for parts in found]

    @property
    def last_day(self) -> str:
        days = [day for segment in self.all if element(segment, 1) in ("472", "434") for day in days_of(segment)]
        return max(days, default="")

    @property
    def all(self) -> list[Segment]:
        """The segments of the claim's own loops."""
        return [*self.claim, *(one for loop in (*self.others, *self.lines) for one in loop)]

    @property
    def everything(self) -> list[Segment]:
        return [*self.billing, *self.subscriber, *self.patient, *self.all]


def claims_of(text: str) -> list[Sent]:
    """The claims of a file with `~`, `*` and `:`; a claim that is cut off is left out."""
    claims: list[Sent] = []
    guide, begin = "", [""]
    billing: list[Segment] = []
    subscriber: list[Segment] = []
    patient: list[Segment] = []
    loop: list[Segment] = []
    segments = [part.strip().split("*") for part in text.split("~")]
    for segment in segments:
        match segment[0]:
            case "ST":
                guide = segment[3]
            case "BHT":
                begin = segment
            case "HL":
                loop = []
                if segment[3] == "20":
                    billing = loop
                elif segment[3] == "22":
                    subscriber, patient = loop, []
                else:
                    patient = loop
            case "CLM":
                claims.append(Sent(guide, begin, billing, subscriber, patient))
                loop = claims[-1].claim
            case "SBR" if claims and loop is not subscriber:
                loop = []
                claims[-1].others.append(loop)
            case "LX":
                loop = []
                claims[-1].lines.append(loop)
            case "SE":
                loop = []
        loop.append(segment)
    return claims if any(segment[0] == "IEA" for segment in segments) else claims[:-1]


def failures(text: str) -> list[tuple[str, str, str]]:
    """The edits that fail in a file: the claim's number, the edit, and what is wrong."""
    return [(one.name, name, said) for one in claims_of(text) for name, edit in EDITS.items() for said in edit(one)]


# ---------------------------------------------------------------- reading


def element(segment: Segment, number: int) -> str:
    return segment[number] if number < len(segment) else ""


def component(segment: Segment, number: int, part: int) -> str:
    parts = element(segment, number).split(":")
    return parts[part - 1] if part <= len(parts) else ""


def every(loop: list[Segment], name: str, qualifier: str = "") -> list[Segment]:
    return [one for one in loop if one[0] == name and qualifier in ("", element(one, 1))]


def one(loop: list[Segment], name: str, qualifier: str = "") -> Segment:
    return next(iter(every(loop, name, qualifier)), [name])


def service(line: list[Segment]) -> Segment:
    return next(one for one in line if one[0] in ("SV1", "SV2"))


def shift(segment: Segment) -> int:
    """SV2 has its elements one later than SV1: the revenue code is its first."""
    return int(segment[0] == "SV2")


def days_of(segment: Segment) -> list[str]:
    text = element(segment, 3)
    return [part[:8] for part in text.split("-")] if text and element(segment, 2) != "TM" else []


def total(texts: list[str]) -> Decimal:
    return sum((Decimal(text) for text in texts), Decimal(0))


def adjustments(loop: list[Segment]) -> Decimal:
    return total([cas[at] for cas in every(loop, "CAS") for at in range(3, len(cas), 3) if cas[at]])


def edit(function: Edit) -> Edit:
    EDITS[function.__name__.replace("_", "-")] = function
    return function


# ---------------------------------------------------------------- money


@edit
def claim_total(sent: Sent) -> Iterator[str]:
    charges = [element(service(line), 2 + shift(service(line))) for line in sent.lines]
    if Decimal(sent.claim[0][2]) != total(charges) or total(charges) <= 0:
        yield f"CLM02 {sent.claim[0][2]}, lines {total(charges)}"


@edit
def line_cob_balance(sent: Sent) -> Iterator[str]:
    for line in sent.lines:
        charge = element(service(line), 2 + shift(service(line)))
        for paid in every(line, "SVD"):
            found = Decimal(paid[2]) + adjustments(line)
            if found != Decimal(charge):
                yield f"charge {charge}, paid and adjusted {found}"


@edit
def claim_cob_balance(sent: Sent) -> Iterator[str]:
    for other in sent.others:
        paid = element(one(other, "AMT", "D"), 2)
        payer = element(one(other, "NM1", "PR"), 9)
        lines = [line for line in sent.lines if element(one(line, "SVD"), 1) == payer]
        if len(lines) != len(sent.lines):
            yield f"lines without SVD of {payer}"
        elif Decimal(paid) != total([one(line, "SVD")[2] for line in lines]) - adjustments(other):
            yield f"AMT*D {paid}"


@edit
def adjudication_date(sent: Sent) -> Iterator[str]:
    for other in sent.others:
        at_claim = every(other, "DTP", "573")
        for line in sent.lines:
            if every(line, "SVD") and bool(at_claim) == bool(every(line, "DTP", "573")):
                yield "DTP*573 is missing, or at the claim and the line"


@edit
def payer_order(sent: Sent) -> Iterator[str]:
    levels = [element(one(loop, "SBR"), 1) for loop in (sent.subscriber, *sent.others)]
    if len(set(levels)) < len(levels) or any(_PREVIOUS[level] not in ("", *levels) for level in levels):
        yield " ".join(levels)


@edit
def medicare_as_a_payer(sent: Sent) -> Iterator[str]:
    others = [element(one(loop, "SBR"), 9) for loop in sent.others]
    if sent.payer in _MEDICARE and (sent.payer in others or sent.patient):
        yield "Medicare twice, or with a dependent"
    primary = element(one(sent.subscriber, "SBR"), 1) == "P"
    if sent.professional and sent.payer == "MB" and not primary and not element(one(sent.subscriber, "SBR"), 5):
        yield "SBR05 is missing"
    if sent.professional and sent.payer == "MB" and sent.frequency != "1":
        yield "Part B takes no replacement"


# ---------------------------------------------------------------- people


@edit
def npi(sent: Sent) -> Iterator[str]:
    for name in every(sent.everything, "NM1"):
        number = element(name, 9)
        if element(name, 8) == "XX" and not (_NPI.fullmatch(number) and _check_digit(number)):
            yield number


def _check_digit(number: str) -> bool:
    digits = [int(digit) for digit in "80840" + number]
    doubled = [sum(divmod(2 * digit, 10)) if at % 2 else digit for at, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


@edit
def member_id(sent: Sent) -> Iterator[str]:
    for loop in (sent.subscriber, *sent.others):
        number, payer = element(one(loop, "NM1", "IL"), 9), element(one(loop, "SBR"), 9)
        if not re.fullmatch("[A-Za-z0-9]{5,}", number) or (payer in _MEDICARE and not _MBI.fullmatch(number)):
            yield number


@edit
def dependent(sent: Sent) -> Iterator[str]:
    if (element(one(sent.subscriber, "SBR"), 2) == "18") == bool(sent.patient):
        yield "SBR02 says 18 for a dependent, or not for the subscriber"


@edit
def birth(sent: Sent) -> Iterator[str]:
    born = element(one(sent.patient or sent.subscriber, "DMG"), 2)
    if not ("18760101" < born <= sent.last_day) or not _is_day(born):
        yield born


@edit
def tax_id(sent: Sent) -> Iterator[str]:
    number = element(one(sent.billing, "REF", "EI"), 2)
    if not re.fullmatch("[0-9]{9}", number) or number == "123456789" or len(set(number)) == 1:
        yield number


@edit
def addresses(sent: Sent) -> Iterator[str]:
    if re.search(r"\b(?:P\.? ?O\.? ?BOX|LOCK ?BOX)\b", "*".join(one(sent.billing, "N3"))):
        yield "post office box"
    for place in every(sent.everything, "N4"):
        if not re.fullmatch("[0-9]{5}(?:[0-9]{4})?", element(place, 3)) or not re.fullmatch("[A-Z]{2}", place[2]):
            yield element(place, 3)
    if not re.fullmatch("[0-9]{9}", element(one(sent.billing, "N4"), 3)) or one(sent.billing, "N4")[3][5:] == "0000":
        yield "billing provider without ZIP+4"


@edit
def attending(sent: Sent) -> Iterator[str]:
    if not sent.professional:
        name = one(sent.claim, "NM1", "71")
        if element(name, 2) != "1" or element(name, 9) == element(one(sent.billing, "NM1", "85"), 9):
            yield "missing, no person, or the billing provider"


# ---------------------------------------------------------------- the claim


@edit
def original_reference(sent: Sent) -> Iterator[str]:
    if (sent.frequency in ("7", "8")) != bool(element(one(sent.claim, "REF", "F8"), 2)):
        yield f"frequency {sent.frequency}"


@edit
def diagnoses(sent: Sent) -> Iterator[str]:
    codes = [(qualifier, parts[1]) for qualifier, parts in sent.codes if qualifier in _DIAGNOSES]
    yield from (code for _, code in codes if not _ICD_10.fullmatch(code))
    own = [code for qualifier, code in codes if qualifier in ("ABK", "ABF")]
    if len(set(own)) < len(own) or [qualifier for qualifier, _ in codes].count("ABK") != 1:
        yield "repeated, or not one principal diagnosis"
    if codes and (codes[0][1][0] in "VWXY" or re.fullmatch("[A-Z].{5}S", codes[0][1])):
        yield "not a principal diagnosis"
    if any(qualifier in ("BK", "BF", "BJ") for qualifier, _ in sent.codes):
        yield "ICD-9"
    if sent.professional and len(own) > 12:
        yield f"{len(own)} diagnoses"


@edit
def diagnosis_pointers(sent: Sent) -> Iterator[str]:
    known = sum(qualifier in ("ABK", "ABF") for qualifier, _ in sent.codes)
    for line in sent.lines if sent.professional else []:
        pointers = element(service(line), 7).split(":")
        if len(pointers) > 4 or not all(re.fullmatch("[1-9][0-9]?", p) and int(p) <= known for p in pointers):
            yield ":".join(pointers)


@edit
def accident(sent: Sent) -> Iterator[str]:
    if any(component(sent.claim[0], 11, part) in ("AA", "OA") for part in (1, 2, 3)) != bool(
        every(sent.claim, "DTP", "439")
    ):
        yield "CLM11 and DTP*439"


@edit
def dates(sent: Sent) -> Iterator[str]:
    for segment in every(sent.all, "DTP"):
        days = days_of(segment)
        right = all(map(_is_day, days)) and days == sorted(days) and (element(segment, 2) == "RD8") == (len(days) == 2)
        if element(segment, 1) not in _DATES or not right:
            yield "*".join(segment)
    if sent.last_day > sent.begin[4]:
        yield f"{sent.last_day} is after BHT04"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 8


@edit
def bill(sent: Sent) -> Iterator[str]:
    """What only an institutional claim has."""
    if sent.professional:
        return
    status, statement = element(one(sent.claim, "CL1"), 3), days_of(one(sent.claim, "DTP", "434"))
    if (status == "30") != (sent.frequency in ("2", "3")) or len(statement) != 2:
        yield f"status {status}, frequency {sent.frequency}, statement {statement}"
    repeated = Counter(
        (qualifier, parts[1]) for qualifier, parts in sent.codes if qualifier in ("BG", "BH", "BI", "BE")
    )
    yield from (f"{code} twice" for code, count in repeated.items() if count > 1)
    if not sent.inpatient:
        return
    admitted = days_of(one(sent.claim, "DTP", "435"))
    if not admitted or admitted[0] > statement[0] or not every(sent.claim, "DTP", "096"):
        yield "admission, discharge hour"
    if not {"ABJ", "DR"} <= {qualifier for qualifier, _ in sent.codes} or not element(one(sent.claim, "CL1"), 2):
        yield "admitting diagnosis, DRG, source of admission"
    for qualifier, parts in sent.codes:
        present = parts[8] if len(parts) > 8 else ""
        if qualifier in ("ABK", "ABF") and present not in ({""} if _EXEMPT_FROM_POA.match(parts[1]) else set("YNUW")):
            yield f"{parts[1]} present on admission {present}"
    first, last = (date.fromisoformat(day) for day in statement)
    covered = [parts[4] for qualifier, parts in sent.codes if qualifier == "BE" and parts[1] == "80"]
    if covered != [str((last - first).days)]:
        yield f"covered days {covered}"


# ---------------------------------------------------------------- lines


@edit
def line_numbers(sent: Sent) -> Iterator[str]:
    numbers = [line[0][1] for line in sent.lines]
    controls = [element(one(line, "REF", "6R"), 2) for line in sent.lines if every(line, "REF", "6R")]
    if numbers != [str(at + 1) for at in range(len(numbers))] or len(set(controls)) < len(controls):
        yield f"{numbers} {controls}"


@edit
def procedures(sent: Sent) -> Iterator[str]:
    for line in sent.lines:
        segment = service(line)
        code = element(segment, 1 + shift(segment)).split(":")
        if code == [""] and sent.inpatient:
            continue
        modifiers = [modifier for modifier in code[2:6] if modifier]
        if code[0] != "HC" or not re.fullmatch("[0-9A-Z][0-9]{3}[0-9A-Z]", code[1] if len(code) > 1 else ""):
            yield ":".join(code)
        if len(set(modifiers)) < len(modifiers) or not all(re.fullmatch("[A-Z0-9]{2}", one) for one in modifiers):
            yield ":".join(modifiers)
        if code[1] in _NOT_CLASSIFIED and len(code) < 7:
            yield f"{code[1]} without a description"


@edit
def units(sent: Sent) -> Iterator[str]:
    for line in sent.lines:
        segment = service(line)
        basis, count = element(segment, 3 + shift(segment)), element(segment, 4 + shift(segment))
        if basis not in ("UN", "MJ", "DA") or not _NUMBER.fullmatch(count) or Decimal(count) <= 0:
            yield f"{basis} {count}"


@edit
def service_dates(sent: Sent) -> Iterator[str]:
    statement = days_of(one(sent.claim, "DTP", "434"))
    for line in sent.lines:
        days = days_of(one(line, "DTP", "472"))
        if not days and not sent.inpatient:
            yield "DTP*472 is missing"
        if days and statement and not statement[0] <= days[0] <= days[-1] <= statement[-1]:
            yield f"{days} outside {statement}"


@edit
def drug(sent: Sent) -> Iterator[str]:
    for line in sent.lines:
        ndc, quantity = every(line, "LIN"), every(line, "CTP")
        if len(ndc) != len(quantity) or len(ndc) > 1:
            yield "LIN and CTP"
        for lin, ctp in zip(ndc, quantity, strict=False):
            right = lin[2] == "N4" and re.fullmatch("[0-9]{11}", lin[3]) and _NUMBER.fullmatch(element(ctp, 4))
            if not right or element(ctp, 5) not in ("F2", "GR", "ME", "ML", "UN"):
                yield f"{lin[3]} {element(ctp, 4)}"
