"""The rules that are the reader's own (ENV), the engine's (INT) and the configuration's (CFG): code, name, severity,
what they find.
"""

from collections.abc import Mapping
from typing import NamedTuple

from lint837.rules.rule import Severity


class EnvelopeRule(NamedTuple):
    """A rule of the reader's own; `incomplete`: what it finds always means that some claims were not checked."""

    name: str
    severity: Severity
    title: str
    documentation: str
    incomplete: bool = False


# The severity is raised to error where a fault is incomplete.
ENVELOPE_RULES: Mapping[str, EnvelopeRule] = {
    "ENV001": EnvelopeRule(
        "not-an-interchange",
        Severity.ERROR,
        "The input holds no X12 interchange.",
        "It is empty, of another format, or its ISA segment cannot be read. In a directory a *.txt file without ISA is "
        "passed over and counted instead.",
        incomplete=True,
    ),
    "ENV002": EnvelopeRule(
        "truncated-interchange",
        Severity.ERROR,
        "The file, or the next envelope segment, comes before the SE, GE or IEA that is due.",
        "A transfer was cut, or files were joined badly. What was cut is not judged; the rest of the file is. A whole "
        "IEA that lacks only its terminator is complete.",
        incomplete=True,
    ),
    "ENV003": EnvelopeRule(
        "control-count-mismatch",
        Severity.ERROR,
        "SE01, GE01 or IEA01 is not what was counted.",
        "Segments were lost, doubled or glued together on the way, or the count is wrong. Every transaction set is "
        "counted, also one that is not read. Empty segments do not count.",
    ),
    "ENV004": EnvelopeRule(
        "control-number-mismatch",
        Severity.ERROR,
        "A trailer's control number is not its header's.",
        "ST02 and SE02 are compared as text, GS06 and GE02, ISA13 and IEA02 as numbers.",
    ),
    "ENV005": EnvelopeRule(
        "unsupported-guide-version",
        Severity.ERROR,
        "A professional or institutional 837 is of a version that is not read.",
        "005010X222, X223, X291 and X292 are. Dental and post-adjudicated 837s and other transaction sets are counted "
        "without a finding.",
        incomplete=True,
    ),
    "ENV006": EnvelopeRule(
        "malformed-isa",
        Severity.WARNING,
        "The ISA segment has elements of a wrong width, or something stands before it.",
        "It was read all the same; some receivers reject such a file.",
    ),
    "ENV007": EnvelopeRule(
        "malformed-segment",
        Severity.WARNING,
        "A segment is empty, has no proper id, holds control bytes, or is past a limit.",
        "It is incomplete, and an error, where claims could not be judged because of it. More than 100 in one "
        "transaction set are told as one.",
    ),
    "ENV008": EnvelopeRule(
        "data-outside-envelope",
        Severity.ERROR,
        "Something stands before, between or behind the interchanges, or in no transaction set.",
        "White space, NUL and 0x1A may stand there, and TA1, TA3, ISB and ISE after ISA. It is incomplete where it "
        "holds ISA, GS, ST or CLM segments.",
    ),
    "ENV009": EnvelopeRule(
        "duplicate-control-number",
        Severity.WARNING,
        "A control number is used twice.",
        "ISA13 in the file for one sender and receiver, GS06 in its interchange, ST02 in its group: a receiver may "
        "take the second for a duplicate.",
    ),
    "ENV010": EnvelopeRule(
        "orphan-service-line",
        Severity.ERROR,
        "A service line has no claim, a claim no subscriber, or an HL segment no parent.",
        "A CLM or HL segment is missing. It is incomplete where service lines could not be judged.",
    ),
    "ENV011": EnvelopeRule(
        "unreadable-input",
        Severity.ERROR,
        "The input cannot be opened, or not be read to its end.",
        "The other inputs are linted.",
        incomplete=True,
    ),
    "ENV012": EnvelopeRule(
        "guide-disagreement",
        Severity.WARNING,
        "GS08 and ST03 name different guides.",
        "ST03 decides how claims are read.",
    ),
    "INT001": EnvelopeRule(
        "rule-failed",
        Severity.ERROR,
        "A rule failed on a claim.",
        "This is a defect of the rule, not of the claim. The other rules were run.",
        incomplete=True,
    ),
    "CFG001": EnvelopeRule(
        "unused-suppression",
        Severity.INFO,
        "A suppression hid nothing, though something that it is for was checked.",
        "What it was for was corrected, or its match is wrong. Nothing is said where its rule was not run, where no "
        "file or claim that it is for was read, or where something could not be checked.",
    ),
    "CFG002": EnvelopeRule(
        "expired-suppression",
        Severity.WARNING,
        "A suppression is past its last day for a finding, which is reported.",
        "The last day is compared with the date of service, or where that is not known with the day on which the file "
        "was made; the day of the run decides nothing. Look at the finding again.",
    ),
}
