"""The ENV rules: what the reader's faults mean, in sentences.

Each rule reads a Fault and yields one Problem. A value of a fault may be shown as it is.
"""

from collections.abc import Callable, Iterator, Sequence

from lint837.rules.rule import Check, Citation, Problem, Rule, Severity, rule
from lint837.rules.values import counted
from lint837.x12.faults import Cause, Content, Fault, Lead

_INTERCHANGES = "ASC X12.5, Interchange Control Structures"
_STRUCTURE = "ASC X12.6, Application Control Structure"
_CONTROL_SEGMENTS = "837P 005010X222A1, appendix C (EDI Control Directory)"
_SETS = "837P 005010X222A1, segments ST and SE"
_LEVELS = "837P 005010X222A1, segments HL and LX"
_LINES = "837P 005010X222A1 and 837I 005010X223A2, loop 2400 (Service Line Number)"

RULE_OF: dict[Cause, Rule] = {}  # the rule that reads the faults of a cause

_CONTENT = {
    Content.EMPTY: "The file is empty.",
    Content.UTF_16: "The file is UTF-16 text, but a claim file has one byte per character.",
    Content.UTF_32: "The file is UTF-32 text, but a claim file has one byte per character.",
    Content.EBCDIC: "The file is EBCDIC text, as mainframes write it, but a claim file is ASCII text.",
    Content.BASE64: "The file is base64 text, as e-mail programs write it: it must be decoded first.",
    Content.PDF: "The file is a PDF document, not a claim file.",
    Content.ZIP: "The file is a ZIP archive, not a claim file.",
    Content.GZIP: "The file is a gzip archive, not a claim file.",
    Content.JSON: "The file is JSON text that holds an ISA segment, not a claim file.",
    Content.QUOTED: "The segments are in quotation marks.",
    Content.NUMBERED: "The lines are numbered: ISA comes after a number.",
    Content.PREFIXED: "The lines begin with something else before the segments.",
    Content.LOWER_CASE_ISA: "The file begins with isa in lower case, but segment ids are capital letters.",
    Content.NO_ISA16: "ISA16, the component separator, is missing from the ISA segment.",
    Content.BLANK_AFTER_ISA16: "The ISA segment has a blank between ISA16 and the segment terminator.",
    Content.UNREADABLE_ISA: "The ISA segment at the start of the file cannot be read: its delimiters are unclear.",
    Content.GS: "The file begins with GS: the ISA segment before it is missing.",
    Content.ST: "The file begins with ST: the ISA and GS segments before it are missing.",
    Content.OTHER: "No ISA segment was found in the file.",
}
_SAVE_AS_TEXT = "save the file as plain text, in ASCII or UTF-8"
_EXPORT = "check the path, and export the claims as an X12 837 file"
_BARE = "remove everything around the segments, or export the claims as an X12 837 file"
_CORRECTIONS = {
    Content.UTF_16: _SAVE_AS_TEXT,
    Content.UTF_32: _SAVE_AS_TEXT,
    Content.EBCDIC: "convert the file to ASCII, or transfer it as text",
    Content.BASE64: "decode the file",
    Content.JSON: _BARE,
    Content.QUOTED: _BARE,
    Content.NUMBERED: _BARE,
    Content.PREFIXED: _BARE,
    Content.LOWER_CASE_ISA: "write the segments in capital letters, as the billing system exported them",
    Content.NO_ISA16: "put the component separator, usually a colon, into ISA16",
    Content.BLANK_AFTER_ISA16: "remove the blank after ISA16",
    Content.GS: "put back the ISA segment",
    Content.ST: "put back the ISA and GS segments",
}
_LEADS = {Lead.BYTE_ORDER_MARK: "a byte order mark", Lead.WHITE_SPACE: "white space"}
# By the trailer: what it ends, with its article, and what it counts.
_ENDED = {"SE": "transaction set", "GE": "functional group", "IEA": "interchange"}
_ARTICLES = {"SE": "an SE", "GE": "a GE", "IEA": "an IEA"}
_COUNTED = {"SE01": "segment", "GE01": "transaction set", "IEA01": "functional group"}
# By the element that holds a control number: what it numbers, and where it must be unique.
_NUMBERED = {
    "ISA13": ("interchange", "for the same sender and receiver"),
    "GS06": ("functional group", "in this interchange"),
    "ST02": ("transaction set", "in this functional group"),
}
# By the header that is missing: what was found without it.
_AFTER = {"ISA": "a GS segment is", "GS": "an ST segment is", "ST": "the segments of a transaction set are"}
# By the guide that is named: the other one, its version, and the service segment of the one that is named.
_OTHER_GUIDE = {"837P": ("837I", "005010X223A2", "SV1"), "837I": ("837P", "005010X222A1", "SV2")}
_GUIDES = "005010X222A1 (837P) or 005010X223A2 (837I)"


def code_of(fault: Fault) -> str:
    """The code of the rule that reads a fault."""
    return RULE_OF[fault.cause].code


def problem_of(fault: Fault) -> tuple[Rule, Problem]:
    """The rule that reads a fault, and the problem that it yields."""
    made = RULE_OF[fault.cause]
    [problem] = (one for one in made.check(fault) if isinstance(one, Problem))
    return made, problem


def _envelope_rule(
    code: str, *causes: Cause, severity: Severity, cites: Sequence[Citation], incomplete: bool = False
) -> Callable[[Check], Rule]:
    """Make a rule of a function that reads the faults of these causes."""

    def decorate(check: Check) -> Rule:
        made = rule(code, severity=severity, cites=cites, incomplete=incomplete)(check)
        RULE_OF.update(dict.fromkeys(causes, made))
        return made

    return decorate


@_envelope_rule(
    "ENV001",
    Cause.NO_INTERCHANGE,
    severity=Severity.ERROR,
    cites=[Citation(_INTERCHANGES, "An interchange begins with an ISA segment and ends with an IEA segment.")],
    incomplete=True,
)
def not_an_interchange(fault: Fault) -> Iterator[Problem]:
    """The input has no X12 interchange.

    It is empty, has another format or encoding, or its ISA segment cannot be read. In a directory, *.txt files that do
    not look like claim files are skipped and counted instead.
    """
    content = Content(fault.text("content"))
    yield Problem(
        message=f"{_CONTENT[content]} Nothing was checked.",
        found=f"{counted(fault.number('size'), 'byte')} without an interchange",
        expected="an X12 interchange, from ISA to IEA",
        correction=_CORRECTIONS.get(content, _EXPORT),
    )


@_envelope_rule(
    "ENV002",
    Cause.CUT_OFF,
    severity=Severity.ERROR,
    cites=[
        Citation(_INTERCHANGES, "An IEA segment ends each interchange."),
        Citation(_STRUCTURE, "A GE segment ends each functional group, and an SE segment ends each transaction set."),
    ],
    incomplete=True,
)
def truncated_interchange(fault: Fault) -> Iterator[Problem]:
    """The file ends, or the next envelope begins, before the expected SE, GE or IEA segment.

    The transfer was cut off, or files were joined badly. The part that was cut is not checked; the rest of the file is.
    An IEA segment that lacks only its terminator is complete.
    """
    due, came, inside = fault.text("due"), fault.text("came"), fault.values["inside_segment"]
    event = f"{came} comes" if came else "the file ends"
    comma = "," if inside else ""
    claim = " The claim that was cut off was not checked." if fault.values["cut_claim"] else ""
    yield Problem(
        message=f"The {{level}} is cut off: {{found}}{comma} before the expected {{due}} segment.{claim}",
        found=f"{event} inside a segment" if inside else event,
        expected=f"{_ARTICLES[due]} segment",
        correction="send the whole file again, or put back {due} and what is missing before it",
        values={"level": _ENDED[due], "due": due},
    )


@_envelope_rule(
    "ENV003",
    Cause.COUNT_DIFFERS,
    severity=Severity.ERROR,
    cites=[
        Citation(_SETS, "SE01 counts the segments of the transaction set, with ST and SE."),
        Citation(_CONTROL_SEGMENTS, "GE01 counts the transaction sets of the group, IEA01 the groups."),
    ],
)
def control_count_mismatch(fault: Fault) -> Iterator[Problem]:
    """SE01, GE01 or IEA01 differs from what was counted.

    Segments were lost, doubled or glued together, or the count is wrong. Every transaction set is counted, even if it
    is not read. Empty segments do not count.
    """
    number = fault.number("counted")
    yield Problem(
        message="{element} is {found}, but {counted} counted. Something was lost, doubled or glued together, "
        "or the count is wrong.",
        found=fault.text("stated") or "not a count",
        expected=number,
        correction="look for what was lost or doubled; if nothing was, change {element} to {expected}",
        values={
            "element": fault.element,
            "counted": f"{counted(number, _COUNTED[fault.element])} {'was' if number == 1 else 'were'}",
        },
    )


@_envelope_rule(
    "ENV004",
    Cause.CONTROL_NUMBER_DIFFERS,
    severity=Severity.ERROR,
    cites=[
        Citation(_SETS, "ST02 and SE02 are identical."),
        Citation(_CONTROL_SEGMENTS, "GS06 and GE02 are identical, and so are ISA13 and IEA02."),
    ],
)
def control_number_mismatch(fault: Fault) -> Iterator[Problem]:
    """The control number of a trailer differs from the one of its header.

    ST02 and SE02 are compared as text; GS06 and GE02, and ISA13 and IEA02, as numbers.
    """
    yield Problem(
        message="{element} is {found}, but {header} is {expected}. This trailer does not belong to that header.",
        found=fault.text("found") or "empty",
        expected=fault.text("expected") or "empty",
        correction="if nothing is missing between them, make {element} the same as {header}",
        values={"element": fault.element, "header": fault.text("header")},
    )


@_envelope_rule(
    "ENV005",
    Cause.UNSUPPORTED_VERSION,
    Cause.HIDDEN_CLAIMS,
    severity=Severity.ERROR,
    cites=[Citation(_CONTROL_SEGMENTS, "GS08 names the guide: 005010X222A1 for professional claims.")],
    incomplete=True,
)
def unsupported_guide_version(fault: Fault) -> Iterator[Problem]:
    """A professional or institutional 837 has a version that is not supported.

    Supported are 005010X222, X223, X291 and X292. Dental and post-adjudicated 837s and other transaction sets are
    counted without a finding.
    """
    version = fault.text("version")
    if fault.cause is Cause.HIDDEN_CLAIMS:
        why = "The functional group holds claims, but ST01 and ST03 do not name a transaction set of claims."
    elif version:
        why = "{element} names the guide version {found}, which is not supported."
    else:
        why = "Neither ST03 nor GS08 names a guide version."
    yield Problem(
        message=f"{why} The claims of this transaction set were not checked.",
        found=version or "no guide version",
        expected=_GUIDES,
        correction="send the claims in version 005010, with 837 in ST01 and the guide in GS08 and ST03",
        values={"element": fault.element or "GS08"},
    )


@_envelope_rule(
    "ENV006",
    Cause.ISA_WIDTHS,
    Cause.BEFORE_FIRST_ISA,
    severity=Severity.WARNING,
    cites=[Citation(_CONTROL_SEGMENTS, "ISA has a fixed length: blanks fill each of its elements.")],
)
def malformed_isa(fault: Fault) -> Iterator[Problem]:
    """The ISA segment has elements of the wrong width, or something comes before it.

    It was read anyway, but some receivers reject such a file.
    """
    if fault.cause is Cause.ISA_WIDTHS and fault.text("entity"):
        yield Problem(
            message="ISA16 is the HTML text {found}, not one character. It was read as the component separator.",
            found=fault.text("entity"),
            expected="one character, usually a colon",
            correction="export the file again, as plain text and not as HTML",
        )
    elif fault.cause is Cause.ISA_WIDTHS:
        yield Problem(
            message="The ISA segment does not have its fixed width ({elements}). It was read anyway.",
            found="an ISA element that is too short or too long",
            expected="an ISA segment of 106 bytes, each element padded with blanks to its width",
            correction="pad each ISA element with blanks to its fixed width",
            values={"elements": ", ".join(fault.texts("elements"))},
        )
    else:
        yield Problem(
            message="The file has {found} before the first ISA, which some receivers reject. It was read anyway.",
            found=_LEADS[Lead(fault.text("lead"))],
            expected="ISA as the first three bytes of the file",
            correction="save the file without {found} before ISA",
        )


@_envelope_rule(
    "ENV007",
    Cause.EMPTY_SEGMENT,
    Cause.MALFORMED_ID,
    Cause.CONTROL_BYTE,
    Cause.LINE_BREAK,
    Cause.PAST_SEGMENT_LIMIT,
    Cause.PAST_SLICE_LIMIT,
    Cause.BINARY_LENGTH,
    Cause.MANY_CONTROL_NUMBERS,
    Cause.MANY_MALFORMED,
    severity=Severity.WARNING,
    cites=[
        Citation(_STRUCTURE, "A segment begins with an id of 2 or 3 capital letters or digits."),
        Citation(_STRUCTURE, "Data elements hold letters, digits, blanks and printable special characters."),
    ],
)
def malformed_segment(fault: Fault) -> Iterator[Problem]:
    """A segment is empty, has no proper id, contains control bytes, or is past a limit.

    It is an error, and incomplete, where claims could not be checked because of it: the id of a service line's segment
    is damaged, or something is past a limit. More than 100 in one transaction
    set are reported as one.
    """
    unchecked = " The claim or header that contains it was not checked." if fault.incomplete else ""
    match fault.cause:
        case Cause.EMPTY_SEGMENT:
            yield Problem(
                message="The segment is empty: nothing is between two segment terminators. It was not counted.",
                found="an empty segment",
                expected="a segment between two terminators",
                correction="remove one of the two terminators",
            )
        case Cause.MALFORMED_ID:
            yield Problem(
                message="The segment id is not 2 or 3 capital letters or digits. The segment was not understood."
                + unchecked,
                found="something that is not a segment id",
                expected="2 or 3 capital letters or digits",
                correction="look for a stray or missing segment terminator just before it",
            )
        case Cause.CONTROL_BYTE:
            byte = f"0x{fault.number('byte'):02X}"
            yield Problem(
                message="The segment contains the control byte {byte}.",
                found=f"byte {byte}",
                expected="printable characters",
                correction="remove the control byte",
                values={"byte": byte},
            )
        case Cause.LINE_BREAK:
            yield Problem(
                message="The segment contains a line break, and the file is not wrapped at one width.",
                found="a line break inside a segment",
                expected="line breaks only after segment terminators",
                correction="remove the line break",
            )
        case Cause.PAST_SEGMENT_LIMIT:
            limit = counted(fault.number("limit"), fault.text("unit"))
            yield Problem(
                message="The segment has more than {limit}." + unchecked,
                found=f"more than {limit}",
                expected=f"at most {limit}",
                correction="look for a missing segment terminator",
                values={"limit": limit},
            )
        case Cause.PAST_SLICE_LIMIT:
            limit = counted(fault.number("limit"), "byte")
            yield Problem(
                message="This claim or header has more than {limit}. Its segments were counted but not checked.",
                found=f"more than {limit}",
                expected=f"at most {limit}",
                correction="look for missing CLM, HL or SE segments, or send fewer lines in one claim",
                values={"limit": limit},
            )
        case Cause.BINARY_LENGTH:
            yield Problem(
                message="The binary data does not have the length that its segment states. Data after it may be lost.",
                found="no segment terminator after the data",
                expected="data of the length in BIN01 or BDS02",
                correction="correct BIN01 or BDS02, or send the file again",
            )
        case Cause.MANY_CONTROL_NUMBERS:
            yield Problem(
                message="Too many control numbers are out of order. From here on, a repeated {element} may be missed.",
                found="control numbers out of order",
                expected="each control number one above the last",
                correction="number the transaction sets and groups in order, or send them in several files",
                values={"element": fault.element},
            )
        case Cause.MANY_MALFORMED:
            _, first = problem_of(fault._replace(cause=Cause[fault.text("first")]))
            count = counted(fault.number("count"), "malformed segment")
            yield Problem(
                message="This transaction set has {count}. The first one: " + first.message,
                found=count,
                expected=first.expected,
                correction=first.correction,
                values={**first.values, "count": count},
            )


@_envelope_rule(
    "ENV008",
    Cause.DATA_OUTSIDE,
    severity=Severity.ERROR,
    cites=[
        Citation(_INTERCHANGES, "Functional groups come between ISA and IEA."),
        Citation(_STRUCTURE, "Transaction sets come between GS and GE, and all their segments between ST and SE."),
    ],
)
def data_outside_envelope(fault: Fault) -> Iterator[Problem]:
    """Something comes before, between or after the interchanges, or is in no transaction set.

    White space, NUL and 0x1A may be there, and TA1, TA3, ISB and ISE after ISA. The finding is incomplete where the
    data holds ISA, GS, ST or CLM segments.
    """
    where = "transaction set" if fault.values["in_interchange"] else "interchange"
    missing = fault.text("missing")
    if missing:
        message = f"The {missing} segment is missing: {_AFTER[missing]} outside any {where}."
        correction = f"put back the {missing} segment before this data"
    else:
        message = f"Data found outside any {where}."
        correction = "put back the ISA, GS or ST segment that is missing before this data, or remove the data"
    claims = " It holds ISA, GS, ST or CLM segments, and their contents were not checked." if fault.incomplete else ""
    yield Problem(
        message=message + claims,
        found="data outside the envelope",
        expected="ST to SE within GS to GE within ISA to IEA, and nothing else",
        correction=correction,
    )


@_envelope_rule(
    "ENV009",
    Cause.CONTROL_NUMBER_AGAIN,
    severity=Severity.WARNING,
    cites=[Citation(_SETS, "ST02 is unique in its functional group.")],
)
def duplicate_control_number(fault: Fault) -> Iterator[Problem]:
    """A control number is used twice.

    It is ISA13 in the file for one sender and receiver, GS06 in its interchange, or ST02 in its functional group. A
    receiver may reject the second as a duplicate.
    """
    numbered, scope = _NUMBERED[fault.element]
    yield Problem(
        message="{element} {found} was used before {scope}. A receiver may reject the {numbered} as a duplicate.",
        found=fault.text("control_number"),
        expected="a control number that was not used before",
        correction="give this {numbered} its own {element}",
        values={"element": fault.element, "scope": scope, "numbered": numbered},
    )


@_envelope_rule(
    "ENV010",
    Cause.MISSING_PARENT,
    Cause.CLAIM_WITHOUT_SUBSCRIBER,
    Cause.LINE_WITHOUT_CLAIM,
    Cause.LINES_START_AGAIN,
    Cause.LEVEL_AGAIN,
    severity=Severity.ERROR,
    cites=[
        Citation(_LEVELS, "HL02 is the HL01 of the level above."),
        Citation(_LEVELS, "HL01 is 1 on the first level of a transaction set, and one more on each further level."),
        Citation(_LEVELS, "LX01 is 1 on the first service line of a claim, and one more on each further line."),
    ],
)
def orphan_service_line(fault: Fault) -> Iterator[Problem]:
    """A service line has no claim, a claim has no subscriber, an HL segment has no parent, or an HL01 repeats.

    A CLM or HL segment is missing, or a number is wrong. The finding is incomplete where service lines could not be
    checked, and where a repeated HL01 leaves open which level is below which. All levels below one that is missing are
    one finding.
    """
    match fault.cause:
        case Cause.MISSING_PARENT:
            yield Problem(
                message="The HL segment names a parent that does not exist: HL02 is {found}.",
                found=fault.text("parent") or "empty",
                expected="the HL01 of the level above",
                correction="put back the missing HL segment, or correct HL02",
            )
        case Cause.CLAIM_WITHOUT_SUBSCRIBER:
            yield Problem(
                message="This claim has no subscriber, so its payer is not known.",
                found="CLM",
                expected="an HL segment with HL03 = 22 before the claim",
                correction="put back the missing HL segment of the subscriber",
            )
        case Cause.LINE_WITHOUT_CLAIM:
            is_drug = fault.values["segment_id"] in ("LIN", "CTP")
            orphan = "drug identification" if is_drug else "service line"
            yield Problem(
                message=f"This {orphan} has no claim, and was not checked.",
                found=fault.text("segment_id"),
                expected="a CLM segment before it",
                correction="put back the missing CLM segment"
                + (", or move this segment to its line" if is_drug else ""),
            )
        case Cause.LINES_START_AGAIN:
            yield Problem(
                message="The line numbers start again at 1 within a claim: a CLM segment may be missing. "
                "The claim was not checked.",
                found="LX*1 a second time",
                expected="a CLM segment before the line",
                correction="put back the missing CLM segment, or number the lines 1, 2, 3",
            )
        case Cause.LEVEL_AGAIN:
            unclear = " It is not clear which levels are below it." if fault.incomplete else ""
            yield Problem(
                message=f"HL01 {{found}} was used before in this transaction set.{unclear}",
                found=fault.text("number"),
                expected="an HL01 that is one more than the HL01 before",
                correction="number the HL segments 1, 2, 3 in each transaction set, and correct the HL02s below",
            )


@_envelope_rule("ENV011", Cause.UNREADABLE_INPUT, severity=Severity.ERROR, cites=[], incomplete=True)
def unreadable_input(fault: Fault) -> Iterator[Problem]:
    """The input cannot be opened, or cannot be read to its end.

    The other inputs are still checked.
    """
    yield Problem(
        message=f"The input could not be read{' to its end' if fault.values['begun'] else ''}: {{found}}.",
        found=fault.text("reason"),
        expected="a file that can be read",
        correction="check the path and the permissions, and run again",
    )


@_envelope_rule(
    "ENV012",
    Cause.GUIDES_DIFFER,
    severity=Severity.WARNING,
    cites=[Citation(_SETS, "ST03 has the same value as GS08, and takes precedence over it.")],
)
def guide_disagreement(fault: Fault) -> Iterator[Problem]:
    """GS08 and ST03 name different guides.

    ST03 decides how the claims are read.
    """
    yield Problem(
        message="ST03 is {found}, but GS08 is {expected}. ST03 decided how the claims were read.",
        found=fault.text("st03"),
        expected=fault.text("gs08"),
        correction="make GS08 and ST03 the same",
    )


@_envelope_rule(
    "ENV013",
    Cause.SEPARATOR_DIFFERS,
    severity=Severity.ERROR,
    cites=[Citation(_CONTROL_SEGMENTS, "ISA16 is the component element separator of the interchange.")],
    incomplete=True,
)
def component_separator_mismatch(fault: Fault) -> Iterator[Problem]:
    """The service lines use another component separator than ISA16 declares.

    A procedure code and its modifiers (SV101, SV202) cannot be told apart, so no claim of the transaction set is
    checked. The first claim that has more than letters, digits, blanks and hyphens there decides. It is reported once
    an interchange.
    """
    yield Problem(
        message='ISA16 declares "{expected}" as the component separator, but {element} uses "{found}". The claims of '
        "this transaction set were not checked.",
        found=fault.text("used"),
        expected=fault.text("declared"),
        correction='put "{found}" in ISA16, or write "{expected}" between the components of every composite',
        values={"element": fault.element},
    )


@_envelope_rule(
    "ENV014",
    Cause.LINE_WITHOUT_SERVICE,
    Cause.DRUG_BEFORE_LINES,
    severity=Severity.ERROR,
    cites=[
        Citation(_LINES, "SV1 or SV2 follows LX, once in each service line."),
        Citation(_LINES, "LIN and CTP are in loop 2410, below a service line."),
    ],
    incomplete=True,
)
def unreadable_service_line(fault: Fault) -> Iterator[Problem]:
    """A service line has no SV1 or SV2 that can be read, or a drug comes before the first service line.

    A segment was lost, its id is damaged, or it is glued to the segment before it. The other lines of the claim are
    checked.
    """
    if fault.cause is Cause.DRUG_BEFORE_LINES:
        yield Problem(
            message="{found} comes before the first LX of the claim: the drug belongs to no service line, and was not "
            "checked.",
            found=fault.text("segment_id"),
            expected="LIN and CTP after the SV1 or SV2 of their service line",
            correction="move LIN and CTP to the service line of the drug, or put back the LX that is missing",
        )
        return
    number = fault.text("number")
    if fault.values["glued"]:
        what = "The LX segment holds more than LX01: the segment after it may be glued to it"
        correction = "put back the segment terminator after LX01"
    else:
        what = f"Service line {number} has no SV1 or SV2" if number else "The service line has no SV1 or SV2"
        correction = "put back the SV1 (837P) or SV2 (837I) segment after LX"
    yield Problem(
        message=f"{what}. This line was not checked.",
        found="LX without SV1 or SV2",
        expected="SV1 (837P) or SV2 (837I) after LX",
        correction=correction,
    )


@_envelope_rule(
    "ENV015",
    Cause.OTHER_GUIDES_LINE,
    severity=Severity.ERROR,
    cites=[
        Citation("837P 005010X222A1, segment SV1", "Professional claims bill service lines with SV1."),
        Citation("837I 005010X223A2, segment SV2", "Institutional claims bill service lines with SV2."),
    ],
)
def wrong_service_segment(fault: Fault) -> Iterator[Problem]:
    """A service line is the other guide's: SV1 in an 837I, or SV2 in an 837P.

    GS08 and ST03 name one guide, but the claims are written by the other, and a payer rejects the whole transaction
    set. It is reported once a transaction set. Each line is checked by the guide of its own segment.
    """
    guide = fault.text("guide")
    other, version, expected = _OTHER_GUIDE[guide]
    yield Problem(
        message="{found} belongs to the {other}, but ST03 or GS08 says {guide}: the claims follow the other guide.",
        found=fault.text("segment_id"),
        expected=expected,
        correction="send the claims with {version} in GS08 and ST03, or write the lines with {expected}",
        values={"other": other, "guide": guide, "version": version},
    )
