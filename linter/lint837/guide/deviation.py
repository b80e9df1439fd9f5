"""What deviates from a guide: kinds, and one deviation with its place. It holds names of the guide, never a value."""

from enum import Enum
from typing import NamedTuple

from lint837.x12.slices import Slice


class Kind(Enum):
    """What is wrong: of a segment with its IK304 code in a 999, of an element with its IK403 code."""

    # A segment.
    UNKNOWN_ID = "1"  # no segment of the guide has this id
    UNEXPECTED = "2"  # its id or qualifier is not in the loop, nor in one that may follow
    MISSING = "3"  # before the segment at hand, or after it where `after`
    TOO_MANY_LOOPS = "4"
    TOO_MANY_SEGMENTS = "5"
    MISPLACED = "7"  # the loop has it, but before segments that came already
    # An element.
    ELEMENT_MISSING = "e1"
    CONDITION = "e2"  # a syntax note: another element needs it
    TOO_MANY_ELEMENTS = "e3"
    TOO_SHORT = "e4"
    TOO_LONG = "e5"
    CHARACTER = "e6"  # not of its type: a letter in a number, a component separator, a blank at the end
    CONTROL_CHARACTER = "e6c"  # which the reader reports, too
    CODE = "e7"
    DATE = "e8"
    TIME = "e9"
    EXCLUSION = "e10"  # a syntax note: another element excludes it
    PATTERN = "eI12"  # such as the nine digits of a ZIP code
    TOO_MANY_COMPONENTS = "e13"
    NOT_USED = "eI10"
    # The slice.
    NOT_CHECKED = "x"  # the check failed

    @property
    def of_element(self) -> bool:
        """Whether an element, and not a whole segment, is wrong."""
        return self.value.startswith("e")

    @property
    def code(self) -> str:
        """IK403 or IK304; "" where nothing was checked."""
        return self.value.strip("ecx")


class Deviation(NamedTuple):
    """One deviation, with a cause of its own.

    raw, offset, ordinal: the segment at hand, its offset in the input, its ordinal from ST.
    segment_id, name: of the segment that is wrong or missing, or of the element, as the guide names it.
    loop: the guide's loop, such as "2010AA". element, component: their numbers, 0 for none.
    data_element: its number in the X12 dictionary, such as "1325", "" for none.
    limit: the most that may be, in characters or times; the least, where too short; 0 for none.
    expected_at: the ordinal where a missing segment was expected.
    after: it is missing after the segment at hand. opener: the ordinal of the first segment of its loop.
    failure: the type and place of the exception, where the check failed.
    codes: those that the guide has in the element, where they are few. is_number: the element is one.
    """

    kind: Kind
    raw: bytes
    offset: int
    ordinal: int
    segment_id: str
    name: str
    loop: str
    element: int = 0
    component: int = 0
    data_element: str = ""
    limit: int = 0
    expected_at: int = 0
    after: bool = False
    opener: int = 0
    failure: str = ""
    codes: tuple[str, ...] = ()
    is_number: bool = False


class Misfit(NamedTuple):
    """A deviation that another slice shows, and the slice that it is in."""

    piece: Slice
    deviation: Deviation
