"""Faults: what is wrong with a file's envelopes and segments, as typed values. Other rooms turn them into sentences."""

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import NamedTuple

FaultValue = str | int | bool | tuple[str, ...]


class Cause(Enum):
    """What is wrong. The comment after a member lists the values of its faults."""

    # The file.
    NO_INTERCHANGE = auto()  # content: a Content; size: in bytes
    UNREADABLE_INPUT = auto()  # reason: why it cannot be read; begun: some of it was read. Made by the lint room
    BEFORE_FIRST_ISA = auto()  # lead: a Lead
    DATA_OUTSIDE = auto()  # in_interchange: inside an interchange, but in no transaction set;
    # missing: the header segment without which it is outside: ISA, GS or ST, "" where that is not known
    # Envelopes.
    CUT_OFF = auto()  # due: SE, GE or IEA; came: the segment that came first, "" at the end of the file;
    # inside_segment: it came inside another segment; cut_claim: a claim was cut by it
    ISA_WIDTHS = auto()  # elements: such as ("ISA06", "ISA08"); entity: the HTML entity that ISA16 is, "" for none
    COUNT_DIFFERS = auto()  # stated: digits, "" for what is no count; counted
    CONTROL_NUMBER_DIFFERS = auto()  # header: ISA13, GS06 or ST02; found, expected: control numbers, "" if empty
    CONTROL_NUMBER_AGAIN = auto()  # control_number
    MANY_CONTROL_NUMBERS = auto()
    UNSUPPORTED_VERSION = auto()  # version, "" if empty
    HIDDEN_CLAIMS = auto()  # version, "" if empty
    GUIDES_DIFFER = auto()  # st03, gs08
    SEPARATOR_DIFFERS = auto()  # declared: ISA16; used: what the service lines have in its place
    OTHER_GUIDES_LINE = auto()  # segment_id: SV1 or SV2; guide: the one that the transaction set names
    # Levels, claims and service lines.
    MISSING_PARENT = auto()  # parent: HL02, "" if empty
    CLAIM_WITHOUT_SUBSCRIBER = auto()
    LINE_WITHOUT_CLAIM = auto()  # segment_id
    LINES_START_AGAIN = auto()
    LEVEL_AGAIN = auto()  # number: HL01
    LINE_WITHOUT_SERVICE = auto()  # number: LX01, "" where it is none; glued: the LX holds more than that
    DRUG_BEFORE_LINES = auto()  # segment_id: LIN or CTP
    # Segments.
    EMPTY_SEGMENT = auto()
    MALFORMED_ID = auto()
    CONTROL_BYTE = auto()  # byte
    LINE_BREAK = auto()
    PAST_SEGMENT_LIMIT = auto()  # limit; unit: "byte" or "element"
    PAST_SLICE_LIMIT = auto()  # limit, in bytes
    BINARY_LENGTH = auto()
    MANY_MALFORMED = auto()  # count; first: the name of the first one's cause; the first one's values


class Scope(StrEnum):
    """What could not be checked because of a fault."""

    NONE = ""
    CLAIM = auto()  # the claim that it is in, and no other
    FILE = auto()  # it is not certain which claims there are, or several could not be checked


class Content(StrEnum):
    """What an input without an interchange looks like."""

    EMPTY = auto()
    UTF_16 = auto()
    UTF_32 = auto()
    EBCDIC = auto()
    BASE64 = auto()
    PDF = auto()
    ZIP = auto()
    GZIP = auto()
    JSON = auto()  # an ISA in JSON text
    QUOTED = auto()  # lines in quotation marks
    NUMBERED = auto()  # lines that begin with a number
    PREFIXED = auto()  # lines that begin with something else
    LOWER_CASE_ISA = auto()
    NO_ISA16 = auto()  # ISA ends after ISA15
    BLANK_AFTER_ISA16 = auto()
    UNREADABLE_ISA = auto()  # it begins with ISA
    GS = auto()  # it begins with GS
    ST = auto()  # it begins with ST
    OTHER = auto()


class Lead(StrEnum):
    """What comes before the first ISA of a file."""

    BYTE_ORDER_MARK = auto()
    WHITE_SPACE = auto()


class Fault(NamedTuple):
    """Something wrong, and where.

    cause: what is wrong. values: what was found, as Cause says. All of them may be shown.
    offset, line, column: in the file; line and column are 1-based, a column counts bytes.
    segment: the ordinal from ST, 0 outside a transaction set.
    element: such as "SE01", "" for a whole segment.
    scope: what could not be checked because of it.
    ordinals, control_numbers: of the interchange, the group and the transaction set.
    claim, claim_name: the ordinal in the input and the CLM01 of the claim that it is in; 0 and "" in no claim.
    after: how many claims had ended when it was reported.
    """

    cause: Cause
    values: Mapping[str, FaultValue]
    offset: int
    line: int
    column: int
    segment: int
    element: str
    scope: Scope
    ordinals: tuple[int, int, int]
    control_numbers: tuple[str, str, str]
    claim: int
    claim_name: str
    after: int

    @property
    def incomplete(self) -> bool:
        """Whether something could not be checked because of it."""
        return self.scope is not Scope.NONE

    def text(self, name: str) -> str:
        """A value that is text."""
        value = self.values[name]
        if not isinstance(value, str):
            raise TypeError(f"{self.cause.name}: {name} is not text")
        return value

    def number(self, name: str) -> int:
        """A value that is a number."""
        value = self.values[name]
        if not isinstance(value, int):
            raise TypeError(f"{self.cause.name}: {name} is not a number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A value that is several texts."""
        value = self.values[name]
        if not isinstance(value, tuple):
            raise TypeError(f"{self.cause.name}: {name} is not several texts")
        return value
