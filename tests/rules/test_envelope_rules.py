"""The ENV rules: a rule for every cause, and its sentences, word for word."""

from collections.abc import Mapping

import pytest
from lint837.rules.envelope import RULE_OF, code_of, problem_of
from lint837.rules.rule import Problem, Severity
from lint837.rules.values import show
from lint837.x12.faults import Cause, Content, Fault, FaultValue, Lead, Scope

NUMBERS = ("000000001", "1", "0001")

Sentences = tuple[str, str, str, str]


def fault(cause: Cause, values: Mapping[str, FaultValue], element: str = "", *, incomplete: bool = False) -> Fault:
    """A fault; whether its scope is a claim or the file, its sentences are the same."""
    return Fault(
        cause=cause,
        values=values,
        offset=300,
        line=1,
        column=301,
        segment=5,
        element=element,
        scope=Scope.FILE if incomplete else Scope.NONE,
        ordinals=(1, 1, 1),
        control_numbers=NUMBERS,
        claim=0,
        claim_name="",
        after=0,
    )


def sentences(problem: Problem) -> Sentences:
    """Message, found, expected and correction of a problem, its values in words."""
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    words = {name: show(value) for name, value in values.items()}
    return (
        problem.message.format_map(words),
        words["found"],
        words["expected"],
        problem.correction.format_map(words),
    )


def cut_off(due: str, came: str, *, inside_segment: bool = False, cut_claim: bool = False) -> Fault:
    values: dict[str, FaultValue] = {"due": due, "came": came, "inside_segment": inside_segment, "cut_claim": cut_claim}
    return fault(Cause.CUT_OFF, values, incomplete=True)


EXPORT = "check the path, and export the claims as an X12 837 file"
UNCHECKED = " It holds ISA, GS, ST or CLM segments, and their contents were not checked."
BARE = "remove everything around the segments, or export the claims as an X12 837 file"

CASES: list[tuple[str, Fault, Sentences]] = [
    *(
        (
            "ENV001",
            fault(Cause.NO_INTERCHANGE, {"content": content, "size": 1234}, incomplete=True),
            (
                f"{what} Nothing was checked.",
                "1,234 bytes without an interchange",
                "an X12 interchange, from ISA to IEA",
                correction,
            ),
        )
        for content, what, correction in [
            (Content.EMPTY, "The file is empty.", EXPORT),
            (
                Content.UTF_16,
                "The file is UTF-16 text, but a claim file has one byte per character.",
                "save the file as plain text, in ASCII or UTF-8",
            ),
            (
                Content.UTF_32,
                "The file is UTF-32 text, but a claim file has one byte per character.",
                "save the file as plain text, in ASCII or UTF-8",
            ),
            (
                Content.EBCDIC,
                "The file is EBCDIC text, as mainframes write it, but a claim file is ASCII text.",
                "convert the file to ASCII, or transfer it as text",
            ),
            (
                Content.BASE64,
                "The file is base64 text, as e-mail programs write it: it must be decoded first.",
                "decode the file",
            ),
            (Content.PDF, "The file is a PDF document, not a claim file.", EXPORT),
            (Content.ZIP, "The file is a ZIP archive, not a claim file.", EXPORT),
            (Content.GZIP, "The file is a gzip archive, not a claim file.", EXPORT),
            (Content.JSON, "The file is JSON text that holds an ISA segment, not a claim file.", BARE),
            (Content.QUOTED, "The segments are in quotation marks.", BARE),
            (Content.NUMBERED, "The lines are numbered: ISA comes after a number.", BARE),
            (Content.PREFIXED, "The lines begin with something else before the segments.", BARE),
            (
                Content.LOWER_CASE_ISA,
                "The file begins with isa in lower case, but segment ids are capital letters.",
                "write the segments in capital letters, as the billing system exported them",
            ),
            (
                Content.NO_ISA16,
                "ISA16, the component separator, is missing from the ISA segment.",
                "put the component separator, usually a colon, into ISA16",
            ),
            (
                Content.BLANK_AFTER_ISA16,
                "The ISA segment has a blank between ISA16 and the segment terminator.",
                "remove the blank after ISA16",
            ),
            (
                Content.UNREADABLE_ISA,
                "The ISA segment at the start of the file cannot be read: its delimiters are unclear.",
                EXPORT,
            ),
            (Content.GS, "The file begins with GS: the ISA segment before it is missing.", "put back the ISA segment"),
            (
                Content.ST,
                "The file begins with ST: the ISA and GS segments before it are missing.",
                "put back the ISA and GS segments",
            ),
            (Content.OTHER, "No ISA segment was found in the file.", EXPORT),
        ]
    ),
    (
        "ENV002",
        cut_off("SE", "", inside_segment=True, cut_claim=True),
        (
            (
                "The transaction set is cut off: the file ends inside a segment, before the expected SE segment. "
                "The claim that was cut off was not checked."
            ),
            "the file ends inside a segment",
            "an SE segment",
            "send the whole file again, or put back SE and what is missing before it",
        ),
    ),
    (
        "ENV002",
        cut_off("GE", ""),
        (
            "The functional group is cut off: the file ends before the expected GE segment.",
            "the file ends",
            "a GE segment",
            "send the whole file again, or put back GE and what is missing before it",
        ),
    ),
    (
        "ENV002",
        cut_off("IEA", "ISA"),
        (
            "The interchange is cut off: ISA comes before the expected IEA segment.",
            "ISA comes",
            "an IEA segment",
            "send the whole file again, or put back IEA and what is missing before it",
        ),
    ),
    (
        "ENV002",
        cut_off("SE", "ST", inside_segment=True),
        (
            "The transaction set is cut off: ST comes inside a segment, before the expected SE segment.",
            "ST comes inside a segment",
            "an SE segment",
            "send the whole file again, or put back SE and what is missing before it",
        ),
    ),
    *(
        (
            "ENV003",
            fault(Cause.COUNT_DIFFERS, {"stated": stated, "counted": counted}, element),
            (
                f"{message}. Something was lost, doubled or glued together, or the count is wrong.",
                stated or "not a count",
                str(counted),
                f"look for what was lost or doubled; if nothing was, change {element} to {counted}",
            ),
        )
        for element, stated, counted, message in [
            ("SE01", "25", 26, "SE01 is 25, but 26 segments were counted"),
            ("SE01", "", 1234, "SE01 is not a count, but 1,234 segments were counted"),
            ("GE01", "2", 1, "GE01 is 2, but 1 transaction set was counted"),
            ("IEA01", "1", 0, "IEA01 is 1, but 0 functional groups were counted"),
        ]
    ),
    (
        "ENV004",
        fault(Cause.CONTROL_NUMBER_DIFFERS, {"header": "ST02", "found": "1", "expected": "0001"}, "SE02"),
        (
            "SE02 is 1, but ST02 is 0001. This trailer does not belong to that header.",
            "1",
            "0001",
            "if nothing is missing between them, make SE02 the same as ST02",
        ),
    ),
    (
        "ENV004",
        fault(Cause.CONTROL_NUMBER_DIFFERS, {"header": "ISA13", "found": "", "expected": ""}, "IEA02"),
        (
            "IEA02 is empty, but ISA13 is empty. This trailer does not belong to that header.",
            "empty",
            "empty",
            "if nothing is missing between them, make IEA02 the same as ISA13",
        ),
    ),
    *(
        (
            "ENV005",
            fault(cause, {"version": version}, element, incomplete=True),
            (
                f"{why} The claims of this transaction set were not checked.",
                version or "no guide version",
                "005010X222A1 (837P) or 005010X223A2 (837I)",
                "send the claims in version 005010, with 837 in ST01 and the guide in GS08 and ST03",
            ),
        )
        for cause, version, element, why in [
            (
                Cause.UNSUPPORTED_VERSION,
                "004010X098A1",
                "ST03",
                "ST03 names the guide version 004010X098A1, which is not supported.",
            ),
            (
                Cause.UNSUPPORTED_VERSION,
                "005010",
                "",
                "GS08 names the guide version 005010, which is not supported.",
            ),
            (Cause.UNSUPPORTED_VERSION, "", "", "Neither ST03 nor GS08 names a guide version."),
            (
                Cause.HIDDEN_CLAIMS,
                "005010X222A1",
                "",
                "The functional group holds claims, but ST01 and ST03 do not name a transaction set of claims.",
            ),
        ]
    ),
    (
        "ENV006",
        fault(Cause.ISA_WIDTHS, {"elements": ("ISA06", "ISA08"), "entity": ""}),
        (
            "The ISA segment does not have its fixed width (ISA06, ISA08). It was read anyway.",
            "an ISA element that is too short or too long",
            "an ISA segment of 106 bytes, each element padded with blanks to its width",
            "pad each ISA element with blanks to its fixed width",
        ),
    ),
    (
        "ENV006",
        fault(Cause.ISA_WIDTHS, {"elements": ("ISA16",), "entity": "&gt;"}),
        (
            "ISA16 is the HTML text &gt;, not one character. It was read as the component separator.",
            "&gt;",
            "one character, usually a colon",
            "export the file again, as plain text and not as HTML",
        ),
    ),
    *(
        (
            "ENV006",
            fault(Cause.BEFORE_FIRST_ISA, {"lead": lead}),
            (
                f"The file has {found} before the first ISA, which some receivers reject. It was read anyway.",
                found,
                "ISA as the first three bytes of the file",
                f"save the file without {found} before ISA",
            ),
        )
        for lead, found in {Lead.BYTE_ORDER_MARK: "a byte order mark", Lead.WHITE_SPACE: "white space"}.items()
    ),
    (
        "ENV007",
        fault(Cause.EMPTY_SEGMENT, {}),
        (
            "The segment is empty: nothing is between two segment terminators. It was not counted.",
            "an empty segment",
            "a segment between two terminators",
            "remove one of the two terminators",
        ),
    ),
    *(
        (
            "ENV007",
            fault(Cause.MALFORMED_ID, {}, incomplete=incomplete),
            (
                "The segment id is not 2 or 3 capital letters or digits. The segment was not understood."
                + (" The claim or header that contains it was not checked." if incomplete else ""),
                "something that is not a segment id",
                "2 or 3 capital letters or digits",
                "look for a stray or missing segment terminator just before it",
            ),
        )
        for incomplete in (False, True)
    ),
    (
        "ENV007",
        fault(Cause.CONTROL_BYTE, {"byte": 7}),
        (
            "The segment contains the control byte 0x07.",
            "byte 0x07",
            "printable characters",
            "remove the control byte",
        ),
    ),
    (
        "ENV007",
        fault(Cause.LINE_BREAK, {}),
        (
            "The segment contains a line break, and the file is not wrapped at one width.",
            "a line break inside a segment",
            "line breaks only after segment terminators",
            "remove the line break",
        ),
    ),
    *(
        (
            "ENV007",
            fault(Cause.PAST_SEGMENT_LIMIT, {"limit": limit, "unit": unit}, incomplete=True),
            (
                f"The segment has more than {shown}. The claim or header that contains it was not checked.",
                f"more than {shown}",
                f"at most {shown}",
                "look for a missing segment terminator",
            ),
        )
        for limit, unit, shown in [(65536, "byte", "65,536 bytes"), (1000, "element", "1,000 elements")]
    ),
    (
        "ENV007",
        fault(Cause.PAST_SLICE_LIMIT, {"limit": 2097152}, incomplete=True),
        (
            "This claim or header has more than 2,097,152 bytes. Its segments were counted but not checked.",
            "more than 2,097,152 bytes",
            "at most 2,097,152 bytes",
            "look for missing CLM, HL or SE segments, or send fewer lines in one claim",
        ),
    ),
    (
        "ENV007",
        fault(Cause.BINARY_LENGTH, {}, incomplete=True),
        (
            "The binary data does not have the length that its segment states. Data after it may be lost.",
            "no segment terminator after the data",
            "data of the length in BIN01 or BDS02",
            "correct BIN01 or BDS02, or send the file again",
        ),
    ),
    (
        "ENV007",
        fault(Cause.MANY_CONTROL_NUMBERS, {}, "ST02", incomplete=True),
        (
            "Too many control numbers are out of order. From here on, a repeated ST02 may be missed.",
            "control numbers out of order",
            "each control number one above the last",
            "number the transaction sets and groups in order, or send them in several files",
        ),
    ),
    (
        "ENV007",
        fault(Cause.MANY_MALFORMED, {"count": 1234, "first": "CONTROL_BYTE", "byte": 31}),
        (
            (
                "This transaction set has 1,234 malformed segments. The first one: "
                "The segment contains the control byte 0x1F."
            ),
            "1,234 malformed segments",
            "printable characters",
            "remove the control byte",
        ),
    ),
    *(
        (
            "ENV008",
            fault(
                Cause.DATA_OUTSIDE, {"in_interchange": in_interchange, "missing": missing}, incomplete=bool(unchecked)
            ),
            (
                message + unchecked,
                "data outside the envelope",
                "ST to SE within GS to GE within ISA to IEA, and nothing else",
                f"put back the {missing} segment before this data"
                if missing
                else "put back the ISA, GS or ST segment that is missing before this data, or remove the data",
            ),
        )
        for in_interchange, missing, message, unchecked in [
            (False, "", "Data found outside any interchange.", ""),
            (True, "", "Data found outside any transaction set.", UNCHECKED),
            (
                True,
                "ISA",
                "The ISA segment is missing: a GS segment is outside any transaction set.",
                UNCHECKED,
            ),
            (True, "GS", "The GS segment is missing: an ST segment is outside any transaction set.", UNCHECKED),
            (
                True,
                "ST",
                "The ST segment is missing: the segments of a transaction set are outside any transaction set.",
                UNCHECKED,
            ),
        ]
    ),
    *(
        (
            "ENV009",
            fault(Cause.CONTROL_NUMBER_AGAIN, {"control_number": number}, element),
            (
                f"{element} {number} was used before {scope}. A receiver may reject the {numbered} as a duplicate.",
                number,
                "a control number that was not used before",
                f"give this {numbered} its own {element}",
            ),
        )
        for element, number, scope, numbered in [
            ("ISA13", "000000001", "for the same sender and receiver", "interchange"),
            ("GS06", "1", "in this interchange", "functional group"),
            ("ST02", "0001", "in this functional group", "transaction set"),
        ]
    ),
    *(
        (
            "ENV010",
            fault(Cause.MISSING_PARENT, {"parent": parent}, "HL02"),
            (
                f"The HL segment names a parent that does not exist: HL02 is {parent or 'empty'}.",
                parent or "empty",
                "the HL01 of the level above",
                "put back the missing HL segment, or correct HL02",
            ),
        )
        for parent in ("7", "")
    ),
    (
        "ENV010",
        fault(Cause.CLAIM_WITHOUT_SUBSCRIBER, {}),
        (
            "This claim has no subscriber, so its payer is not known.",
            "CLM",
            "an HL segment with HL03 = 22 before the claim",
            "put back the missing HL segment of the subscriber",
        ),
    ),
    (
        "ENV010",
        fault(Cause.LINE_WITHOUT_CLAIM, {"segment_id": "LX"}, incomplete=True),
        (
            "This service line has no claim, and was not checked.",
            "LX",
            "a CLM segment before it",
            "put back the missing CLM segment",
        ),
    ),
    (
        "ENV010",
        fault(Cause.LINES_START_AGAIN, {}, "LX01", incomplete=True),
        (
            "The line numbers start again at 1 within a claim: a CLM segment may be missing. The claim was not checked.",
            "LX*1 a second time",
            "a CLM segment before the line",
            "put back the missing CLM segment, or number the lines 1, 2, 3",
        ),
    ),
    *(
        (
            "ENV010",
            fault(Cause.LEVEL_AGAIN, {"number": "2"}, "HL01", incomplete=incomplete),
            (
                "HL01 2 was used before in this transaction set."
                + (" It is not clear which levels are below it." if incomplete else ""),
                "2",
                "an HL01 that is one more than the HL01 before",
                "number the HL segments 1, 2, 3 in each transaction set, and correct the HL02s below",
            ),
        )
        for incomplete in (False, True)
    ),
    *(
        (
            "ENV011",
            fault(Cause.UNREADABLE_INPUT, {"reason": "permission denied", "begun": begun}, incomplete=True),
            (
                message,
                "permission denied",
                "a file that can be read",
                "check the path and the permissions, and run again",
            ),
        )
        for begun, message in [
            (False, "The input could not be read: permission denied."),
            (True, "The input could not be read to its end: permission denied."),
        ]
    ),
    (
        "ENV012",
        fault(Cause.GUIDES_DIFFER, {"st03": "005010X222A1", "gs08": "005010X223A2"}, "ST03"),
        (
            "ST03 is 005010X222A1, but GS08 is 005010X223A2. ST03 decided how the claims were read.",
            "005010X222A1",
            "005010X223A2",
            "make GS08 and ST03 the same",
        ),
    ),
    (
        "ENV013",
        fault(Cause.SEPARATOR_DIFFERS, {"declared": ":", "used": ">"}, "SV101", incomplete=True),
        (
            (
                'ISA16 declares ":" as the component separator, but SV101 uses ">". '
                "The claims of this transaction set were not checked."
            ),
            ">",
            ":",
            'put ">" in ISA16, or write ":" between the components of every composite',
        ),
    ),
    *(
        (
            "ENV014",
            fault(Cause.LINE_WITHOUT_SERVICE, {"number": number, "glued": glued}, incomplete=True),
            (f"{what}. This line was not checked.", "LX without SV1 or SV2", "SV1 (837P) or SV2 (837I) after LX", do),
        )
        for number, glued, what, do in [
            ("2", False, "Service line 2 has no SV1 or SV2", "put back the SV1 (837P) or SV2 (837I) segment after LX"),
            ("", False, "The service line has no SV1 or SV2", "put back the SV1 (837P) or SV2 (837I) segment after LX"),
            (
                "",
                True,
                "The LX segment holds more than LX01: the segment after it may be glued to it",
                "put back the segment terminator after LX01",
            ),
        ]
    ),
    (
        "ENV014",
        fault(Cause.DRUG_BEFORE_LINES, {"segment_id": "LIN"}, incomplete=True),
        (
            "LIN comes before the first LX of the claim: the drug belongs to no service line, and was not checked.",
            "LIN",
            "LIN and CTP after the SV1 or SV2 of their service line",
            "move LIN and CTP to the service line of the drug, or put back the LX that is missing",
        ),
    ),
    *(
        (
            "ENV015",
            fault(Cause.OTHER_GUIDES_LINE, {"segment_id": segment, "guide": guide}),
            (
                (
                    f"{segment} belongs to the {other}, but ST03 or GS08 says {guide}: "
                    "the claims follow the other guide."
                ),
                segment,
                expected,
                f"send the claims with {version} in GS08 and ST03, or write the lines with {expected}",
            ),
        )
        for segment, guide, other, expected, version in [
            ("SV1", "837I", "837P", "SV2", "005010X222A1"),
            ("SV2", "837P", "837I", "SV1", "005010X223A2"),
        ]
    ),
]


@pytest.mark.parametrize(
    ("code", "found", "expected"),
    CASES,
    ids=[f"{found.cause.name}-{number}" for number, (_, found, _) in enumerate(CASES)],
)
def test_sentences(code: str, found: Fault, expected: Sentences) -> None:
    rule, problem = problem_of(found)
    assert (rule.code, code_of(found), sentences(problem)) == (code, code, expected)
    assert problem.where is None
    assert found.incomplete or not rule.incomplete


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_rule_and_its_sentences_are_tested(cause: Cause) -> None:
    assert RULE_OF[cause].scope is Fault
    assert cause in {found.cause for _, found, _ in CASES}


def test_the_rules() -> None:
    rules = {rule.code: (rule.name, rule.severity, rule.incomplete) for rule in RULE_OF.values()}
    assert rules == {
        "ENV001": ("not-an-interchange", Severity.ERROR, True),
        "ENV002": ("truncated-interchange", Severity.ERROR, True),
        "ENV003": ("control-count-mismatch", Severity.ERROR, False),
        "ENV004": ("control-number-mismatch", Severity.ERROR, False),
        "ENV005": ("unsupported-guide-version", Severity.ERROR, True),
        "ENV006": ("malformed-isa", Severity.WARNING, False),
        "ENV007": ("malformed-segment", Severity.WARNING, False),
        "ENV008": ("data-outside-envelope", Severity.ERROR, False),
        "ENV009": ("duplicate-control-number", Severity.WARNING, False),
        "ENV010": ("orphan-service-line", Severity.ERROR, False),
        "ENV011": ("unreadable-input", Severity.ERROR, True),
        "ENV012": ("guide-disagreement", Severity.WARNING, False),
        "ENV013": ("component-separator-mismatch", Severity.ERROR, True),
        "ENV014": ("unreadable-service-line", Severity.ERROR, True),
        "ENV015": ("wrong-service-segment", Severity.ERROR, False),
    }
