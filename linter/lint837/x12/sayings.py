"""What the reader says of an envelope: every sentence of the ENV rules, one function each, in words of a biller.

None of them holds anything of a claim's content; values that are passed in have been found fit to be shown.
"""

from typing import NamedTuple


class Saying(NamedTuple):
    """The texts of a fault: what is wrong, what was found, what was expected, how to correct it."""

    message: str
    found: str
    expected: str
    correction: str


# -- the file and its interchanges


def no_interchange(sort: str, size: int) -> Saying:
    """ENV001: `sort` says in a sentence what the input looks like instead."""
    return Saying(
        f"{sort} Nothing was checked.",
        f"{size} bytes without an interchange",
        "an X12 interchange: ISA ... IEA",
        "check the path, and export the claims as an X12 837 file",
    )


def cut_off(level: str, event: str, due: str, *, claim: bool) -> Saying:
    """ENV002: `event` came before the trailer that was due; whether a claim was cut by it."""
    return Saying(
        f"The {level} is cut off: {event} before the {due} segment that is due."
        + (" The claim that was cut was not checked." if claim else ""),
        event.rstrip(","),
        f"a {due} segment" if due == "GE" else f"an {due} segment",
        f"send the file again, whole; or put back {due} and what is missing before it",
    )


def data_outside(where: str, *, holds_claims: bool) -> Saying:
    """ENV008."""
    return Saying(
        f"Data stands {where}."
        + (" It holds ISA, GS, ST or CLM segments: what they contain was not checked." if holds_claims else ""),
        "data outside the envelope",
        "ST ... SE within GS ... GE within ISA ... IEA, and nothing else",
        "put back the ISA, GS or ST segment that is missing before it, or remove it",
    )


def isa_widths(elements: tuple[str, ...]) -> Saying:
    """ENV006: the names of the elements that do not have their width."""
    return Saying(
        f"The ISA segment is not of its fixed width ({', '.join(elements)}); it was read all the same.",
        "an ISA element that is too short or too long",
        "an ISA segment of 106 bytes, each element padded with blanks to its width",
        "pad each ISA element with blanks to its fixed width",
    )


def before_the_first_isa(lead: str) -> Saying:
    """ENV006."""
    return Saying(
        f"Before the first ISA stands {lead}, which some receivers reject; the file was read all the same.",
        lead,
        "ISA as the first three bytes of the file",
        f"save the file without {lead} before ISA",
    )


# -- counts, control numbers, versions


def count_differs(element: str, stated: str, counted: int, what: str) -> Saying:
    """ENV003: `what` was counted, in the singular."""
    were = f"1 {what} was" if counted == 1 else f"{counted} {what}s were"
    why = "something was lost, doubled or glued together, or the count is wrong"
    return Saying(
        f"{element} is {stated}, but {were} counted: {why}.",
        stated,
        str(counted),
        f"look for what was lost or doubled; if nothing was, change {element} to {counted}",
    )


def control_number_differs(trailer: str, found: str, header: str, expected: str) -> Saying:
    """ENV004."""
    return Saying(
        f"{trailer} is {found}, but {header} is {expected}: this trailer is not that header's.",
        found,
        expected,
        f"if nothing is missing between them, make {trailer} the same as {header}",
    )


def control_number_again(element: str, value: str, scope: str) -> Saying:
    """ENV009."""
    article = "an" if element.startswith("I") else "a"
    return Saying(
        f"{element} {value} was used before for {scope}; a receiver may reject this as a duplicate.",
        value,
        "a control number that was not used before",
        f"give it {article} {element} of its own",
    )


def unsupported_version(version: str, element: str) -> Saying:
    """ENV005: the version, and the element that says it."""
    return _not_read(f"The guide version is {version} (by {element})", version)


def hidden_claims(version: str) -> Saying:
    """ENV005: a transaction set in a group of claims that is not named as one."""
    return _not_read(
        "The functional group is of claims, but ST01 and ST03 together do not name a set of claims", version
    )


def _not_read(why: str, version: str) -> Saying:
    return Saying(
        f"{why}: the claims of this transaction set were not checked.",
        version,
        "005010X222A1 (837P) or 005010X223A2 (837I)",
        "send the claims in version 005010, and name 837 in ST01 and the guide in GS08 and ST03",
    )


def guides_differ(st03: str, gs08: str) -> Saying:
    """ENV012."""
    return Saying(
        f"ST03 says {st03}, but GS08 says {gs08}; ST03 decided how the claims were read.",
        st03,
        gs08,
        "make GS08 and ST03 the same",
    )


# -- orphans (ENV010)


def line_without_claim(segment_id: str) -> Saying:
    """A service line above any claim."""
    return Saying(
        "A service line stands under no claim, and was not checked.",
        segment_id,
        "a CLM segment before it",
        "put back the CLM segment that is missing",
    )


def lines_start_again() -> Saying:
    """A second first line in one claim."""
    return Saying(
        "The line numbers start again at 1 within a claim: a CLM segment may be missing. The claim was not checked.",
        "LX*1 a second time",
        "a CLM segment before the line",
        "put back the CLM segment that is missing, or number the lines 1, 2, 3",
    )


def claim_without_subscriber() -> Saying:
    """A claim above any subscriber."""
    return Saying(
        "This claim stands under no subscriber, so its payer is not known.",
        "CLM",
        "an HL segment with HL03 = 22 before the claim",
        "put back the subscriber's HL segment that is missing",
    )


def missing_parent(parent: str) -> Saying:
    """An HL segment whose parent, HL02, is nowhere."""
    return Saying(
        f"An HL segment names a parent that is not there: HL02 is {parent or 'empty'}.",
        parent or "nothing",
        "the HL01 of the level above",
        "put back the HL segment that is missing, or correct HL02",
    )


# -- segments (ENV007)


def empty_segment() -> Saying:
    """Two terminators with nothing between them."""
    return Saying(
        "An empty segment: two segment terminators with nothing between them. It was not counted.",
        "an empty segment",
        "a segment between two terminators",
        "remove one of the two terminators",
    )


def malformed_id(*, meant: bool) -> Saying:
    """No proper segment id; `meant`: one without which a claim cannot be judged was meant."""
    return Saying(
        "A segment id is not 2 or 3 capital letters or digits: this segment was not understood"
        + (", and what it stands in was not checked." if meant else "."),
        "something that is not a segment id",
        "2 or 3 capital letters or digits",
        "look for a stray or a missing segment terminator just before it",
    )


def control_byte(byte: int) -> Saying:
    """A byte that is neither text nor delimiter."""
    return Saying(
        f"A control byte (0x{byte:02X}) stands inside a segment.",
        f"byte 0x{byte:02X}",
        "printable characters",
        "remove the control byte",
    )


def line_break() -> Saying:
    """A line break inside a segment that is no wrapping."""
    return Saying(
        "A line break stands inside a segment, and the file is not wrapped at one width.",
        "a line break inside a segment",
        "line breaks only after a segment terminator",
        "remove the line break",
    )


def past_segment_limit(limit: int, what: str) -> Saying:
    """A segment of more bytes, or more elements, than are read."""
    return Saying(
        f"A segment has more than {limit:,} {what}: what it stands in was not checked.",
        f"more than {limit} {what}",
        f"at most {limit} {what}",
        "look for a missing segment terminator",
    )


def many_control_numbers(element: str) -> Saying:
    """More control numbers that do not count up than are remembered."""
    return Saying(
        f"Too many control numbers do not count up: whether {element} is used twice is not checked from here on.",
        "numbers in no order",
        "each control number one above the last",
        "number the transaction sets and groups in their order, or send them in several files",
    )


def past_slice_limit(limit: int) -> Saying:
    """A claim, or a header, of more bytes than are kept."""
    return Saying(
        f"This part of the file is larger than {limit:,} bytes: its segments were counted but not checked.",
        f"more than {limit} bytes",
        f"at most {limit} bytes",
        "look for missing CLM, HL or SE segments, or send fewer lines in one claim",
    )


def binary_length() -> Saying:
    """Binary data that does not end where BIN01 or BDS02 says."""
    return Saying(
        "Binary data is not as long as its segment says: what follows it may be lost.",
        "no segment terminator behind the data",
        "data of the length in BIN01 or BDS02",
        "correct BIN01 or BDS02, or send the file again",
    )


def many(count: int, first: Saying) -> Saying:
    """More malformed segments in one transaction set than are told one by one."""
    message = f"{count:,} malformed segments in one transaction set. The first: {first.message}"
    return first._replace(message=message, found=f"{count} malformed segments")
