"""Which drug a service line is about, by its procedure code, its NDCs, or its texts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lint837.facts.drugs import Drug, Formulary, is_ndc


class Identified(NamedTuple):
    """The drug of a line. how, weak: as in DrugLine."""

    drug: Drug
    how: str
    weak: bool = False


def by_code_or_ndc(procedure_code: str, ndcs: Sequence[str], formulary: Formulary) -> Identified | None:
    """By a code of the drug's own, else by an NDC, also one in the place of the procedure code."""
    drug = formulary.by_code(procedure_code)
    if drug:
        return Identified(drug, "code")
    for ndc in (*ndcs, procedure_code):
        match = formulary.by_ndc(ndc)
        if match:
            return Identified(match[0], "ndc")
    return None


def by_text(procedure_code: str, ndcs: Sequence[str], texts: Iterable[str], formulary: Formulary) -> Identified | None:
    """By a text that mentions the drug, under a miscellaneous code and without another product's NDC. A text that
    begins with the mention has precedence.
    """
    drugs = formulary.under_miscellaneous(procedure_code)
    if not drugs or any(is_other_ndc(ndc, formulary) for ndc in ndcs):
        return None
    mentions = [mention for text in texts for mention in formulary.named_in(text) if mention.drug in drugs]
    mention = min(mentions, key=lambda mention: not mention.opens, default=None)
    return Identified(mention.drug, "text", weak=not mention.opens) if mention else None


def is_other_ndc(ndc: str, formulary: Formulary) -> bool:
    """True if a text is an NDC, and none of the formulary's."""
    return is_ndc(ndc) and not formulary.by_ndc(ndc)
