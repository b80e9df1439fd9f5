"""Which drug a service line is about, by its procedure code, its NDCs, or its texts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lint837.claims.procedure import Procedure
from lint837.claims.texts import Mention, describes, mention
from lint837.facts.drugs import Drug, is_ndc
from lint837.facts.formulary import Formulary


class Identified(NamedTuple):
    """The drug of a line. how, weak: as in DrugLine."""

    drug: Drug
    how: str
    weak: bool = False


def by_code(procedure: Procedure, formulary: Formulary) -> Identified | None:
    """By a code of the drug's own."""
    drug = formulary.by_code(procedure.code)
    return Identified(drug, "code") if drug else None


def by_ndc(procedure: Procedure, ndcs: Sequence[str], formulary: Formulary) -> Identified | None:
    """By an NDC, also one in the place of the procedure code."""
    for ndc in (*ndcs, procedure.written):
        match = formulary.by_ndc(formulary.ndc_in(ndc) if ndc == procedure.written else ndc)
        if match:
            return Identified(match[0], "ndc")
    return None


def by_text(
    procedure: Procedure,
    texts: Sequence[str],
    description: str,
    formulary: Formulary,
    *,
    has_other_ndc: bool,
) -> Identified | None:
    """By a text that mentions the drug, under a miscellaneous code and without another product's NDC. `description`:
    SV101-7 or SV202-7. A sure mention goes before an unsure one.
    """
    drugs = formulary.under_miscellaneous(procedure.code)
    if not drugs or has_other_ndc:
        return None
    found = [said for drug in drugs if (said := mention(drug, texts, _codes(drug, procedure.code), description))]
    best = min(found, key=lambda said: not said.strong, default=None)
    return Identified(best.drug, "text", weak=not best.strong) if best else None


def mentions_of(drugs: Iterable[Drug], texts: Sequence[str], procedure_code: str, description: str) -> list[Mention]:
    """How texts of a line name each of some drugs, whatever its code."""
    found = (mention(drug, texts, _codes(drug, procedure_code), description) for drug in drugs)
    return [one for one in found if one]


def describes_another(texts: Sequence[str], drug: Drug, procedure_code: str) -> bool:
    """True if one of a line's texts describes something other than the drug."""
    return any(describes(text, drug, _codes(drug, procedure_code)) for text in texts)


def _codes(drug: Drug, procedure_code: str) -> frozenset[str]:
    """The codes that do not count as words of a text: the line's own and the drug's."""
    return frozenset({procedure_code, *(code.code for code in drug.codes)})


def is_other_ndc(ndc: str, formulary: Formulary) -> bool:
    """True if a text is an NDC, and none of the formulary's."""
    return is_ndc(ndc) and not formulary.by_ndc(ndc)
