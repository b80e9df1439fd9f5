"""Drugs before a claim's first service line: of those whose NDC is known a claim rule speaks, of the others ENV014."""

from lint837.claims.segment import segments_of
from lint837.facts.formulary import Formulary
from lint837.x12.delimiters import text_of
from lint837.x12.faults import Fault
from lint837.x12.slices import Slice

MISPLACED_NDC = "NDC009"  # the rule that speaks of a known NDC there
_LINES = frozenset({b"LX", b"SV1", b"SV2", b"SV3", b"SV5"})


def unknown_drug(fault: Fault, piece: Slice, formulary: Formulary) -> Fault | None:
    """A DRUG_BEFORE_LINES fault of a claim, at the first LIN or CTP that is not a known drug's; None where all are. A
    CTP belongs to the LIN before it.
    """
    if piece.data is None or piece.context is None:
        return fault
    delimiters = piece.context.delimiters
    known = False
    for segment_id, raw, offset, ordinal in segments_of(piece.data, piece, delimiters):
        if segment_id in _LINES:
            break
        if segment_id == b"LIN":
            elements = delimiters.unwrapped(raw).split(delimiters.element)
            known = any(formulary.by_ndc(text_of(element).strip()) for element in elements[1:])
        if segment_id in (b"LIN", b"CTP") and not known:
            before = piece.data[: offset - piece.start]
            line_start = piece.start + before.rfind(b"\n") + 1 if b"\n" in before else piece.line_start
            return fault._replace(
                values={"segment_id": segment_id.decode()},
                offset=offset,
                line=piece.line + before.count(b"\n"),
                column=offset - line_start + 1,
                segment=ordinal,
            )
    return None
