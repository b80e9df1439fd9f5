"""How a line is billed under another code, so that nothing is left to correct on it: the code, its units, and what the
payer then needs.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from lint837 import Choice, Code, Drug, DrugCode, DrugLine, Edit, Place, ServiceLine, Value, counted, show

from lint837_rules.boxes import box
from lint837_rules.packages import billed_amount
from lint837_rules.payer_needs import needs_discard_modifier, needs_ndc, needs_one_unit

_UNITS = "UN"
_DISCARD = frozenset({"JW", "JZ"})
_QUALIFIERS = ("HC", "ER", "IV", "WK", "HP", "N4")
_LETTERS = "[A-Z0-9]"


class Change(NamedTuple):
    """A change to another code. do: as an imperative. edits: all that it changes; none where the claim does not say it
    all.
    """

    do: str
    edits: tuple[Edit, ...]


class _Part(NamedTuple):
    """One part of a change; `edits` is None where the claim does not say what to write."""

    do: str
    edits: tuple[Edit, ...] | None = ()


def change_to(line: ServiceLine, drug: Drug, code: DrugCode) -> Change:
    """What bills a drug line under a code that is not the present one."""
    if isinstance(line, DrugLine) and not code.is_product and (line.is_discarded or line.discarded):
        return _with_discarded(line, drug, code)
    units = _product_units(line, drug, code) if code.is_product else _miscellaneous_units(line, code)
    discard = _discard_modifier(line, drug) if code.is_product else None
    modifiers = (*line.modifiers, *(["JZ"] if discard and discard.edits is not None else []))
    description = None if code.is_product else _description(line, drug)
    text = description.edits[0].text if description and description.edits else ""
    parts = [_code(line, code, modifiers, text), units, _basis(line), discard, description]
    parts += _further(line, drug) if code.is_product else []
    said = [part for part in parts if part]
    edits: list[Edit] = []
    for part in said:
        if part.edits is None:
            return Change(_sentence(said), ())
        # A composite that is written again holds its description, too.
        edits += part.edits if part is not description or not _is_written_again(line) else ()
    return Change(_sentence(said), tuple(dict.fromkeys(edits)))


def _with_discarded(line: DrugLine, drug: Drug, code: DrugCode) -> Change:
    """A miscellaneous code on a line with JW, or beside one: its unit is the whole dose, so that a second line of it
    would bill a second dose.
    """
    if line.is_discarded:
        said = f"ask the payer how to bill a discarded amount under {code.code}; do not bill it as another dose"
        return Change(said, ())
    parts = [_code(line, code, line.modifiers), _miscellaneous_units(line, code), _description(line, drug)]
    parts.append(_Part("ask the payer how to bill what was discarded"))
    return Change(_sentence([part for part in parts if part]), ())


def _is_written_again(line: ServiceLine) -> bool:
    """Whether the whole of SV101 or SV202 must be written again, because no code is in its place."""
    return bool(line.procedure.form) or not line.procedure_code_as_written


def choices_of(
    line: ServiceLine, drug: Drug, codes: Sequence[DrugCode], when: str
) -> tuple[list[Choice], dict[str, Value]]:
    """The changes to one of some codes, the best one first, and the values for their templates. `when`: the condition
    for the first one.
    """
    changes = [change_to(line, drug, code) for code in codes]
    conditions = [when, *(f"the payer takes {code.code} here" for code in codes[1:])]
    choices = [Choice(conditions[n], f"{{change{n}}}", change.edits) for n, change in enumerate(changes)]
    return choices, {f"change{n}": change.do for n, change in enumerate(changes)}


def code_edits(line: ServiceLine, code: DrugCode) -> tuple[Edit, ...]:
    """The edits of the code alone."""
    return _code(line, code, line.modifiers).edits or ()


def description_of(line: ServiceLine, drug: Drug) -> str:
    """What describes the drug of a line: its name, its dose and its NDC; "" where the line does not say them."""
    dose, package = _dose(line, drug), _package(line, drug)
    return f"{drug.name.upper()} {drug.measured(dose).upper()} NDC {package}" if dose and package else ""


def composite_edit(line: ServiceLine, code: str, modifiers: tuple[str, ...], description: str = "") -> Edit:
    """The whole SV101 or SV202, with its description or a new one, written as the guides say."""
    separator = line.at_procedure.segment.delimiters.component.decode("latin-1")
    text = [description] if description else [part.strip() for part in line.procedure_components[6:]]
    parts = ["HC", code, *modifiers[:4]]
    if any(text):
        parts += [""] * (6 - len(parts)) + text
    return Edit(line.at_procedure, separator.join(parts))


def is_accounted_for(line: ServiceLine) -> bool:
    """Whether SV101 or SV202 holds nothing but what composite_edit() writes again: a qualifier, the code, its modifiers
    and a description that is no modifier out of its place.
    """
    parts = [part.strip().upper() for part in line.procedure_components]
    rest = Counter(re.findall(_LETTERS, "".join(parts[:6])))
    rest.subtract(re.findall(_LETTERS, f"{line.procedure_code}{''.join(line.modifiers)}"))
    left = "".join(sorted(rest.elements()))
    is_modifier = len(parts) > 6 and len(parts[6]) == 2 and bool(line.procedure.form)
    return left in ("", *("".join(sorted(one)) for one in (*_QUALIFIERS, *parts[:1]))) and not is_modifier


def right(line: ServiceLine, code: str) -> str:
    """SV101 or SV202 as the guides say, for a correction: the code with the line's modifiers, but for what is none."""
    return ":".join(["HC", code, *(show(Code(modifier)) for modifier in line.modifiers[:4] if len(modifier) == 2)])


def _sentence(parts: list[_Part]) -> str:
    words = [part.do for part in parts]
    return ", and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _named(place: Place, line: ServiceLine, part: str, more: str = "") -> str:
    """An element with the box that shows it: "SV104 (box 24G)"."""
    return f"{place.element} ({box(line, part)}{more})"


def _code(line: ServiceLine, code: DrugCode, modifiers: tuple[str, ...], description: str = "") -> _Part:
    where = _named(line.at_procedure, line, "code")
    if line.procedure.form == "elements":
        return _Part(
            f"write {right(line, code.code)} in {where}, with the charge and the units each in its own element again",
            None,
        )
    if _is_written_again(line):
        # Else another code or a modifier may be lost.
        readable = all(len(modifier) == 2 for modifier in modifiers) and is_accounted_for(line)
        composite = composite_edit(line, code.code, modifiers, description)
        return _Part(f"write {right(line, code.code)} in {where}", (composite,) if readable else None)
    edits = [Edit(line.at_procedure_code, code.code)]
    if line.qualifier != "HC":
        edits.append(Edit(line.at_qualifier, "HC"))
    if len(modifiers) > len(line.modifiers):
        edits += _modifier_edit(line, modifiers[-1])
    found = Code(line.procedure_code)
    return _Part(f"change {show(found)} to {code.code} in {_named(line.at_procedure_code, line, 'code')}", tuple(edits))


def _modifier_edit(line: ServiceLine, modifier: str) -> Iterator[Edit]:
    """A modifier in the first free component."""
    components = line.procedure_components
    free = next((n for n in range(2, 6) if n >= len(components) or not components[n].strip()), None)
    if free is not None:
        service = line.at_procedure
        yield Edit(service.segment.at(service.number, free + 1, line=line.ordinal), modifier)


def _product_units(line: ServiceLine, drug: Drug, code: DrugCode) -> _Part | None:
    """The units under a drug's own code."""
    if line.procedure.form == "elements":
        return None
    where, unit = line.at_service_unit_count, drug.measured(code.amount)
    present = drug.code(line.procedure_code)
    billed, amount = line.service_unit_count, _amount(line)
    if present and present.is_product and present.amount == code.amount:
        if billed and amount in (None, billed * code.amount):
            return _Part(f"keep {counted(billed, 'unit')} in {_named(where, line, 'units', f', 1 unit = {unit}')}")
        return None
    dose = _dose(line, drug)
    if dose is None or (dose / code.amount) % 1:
        done = "discarded" if line.is_discarded else "given"
        return _Part(f"bill 1 unit in {_named(where, line, 'units')} for each {unit} that was {done}", None)
    units = dose / code.amount
    condition = f" if the whole {drug.measured(dose)} of the NDC quantity was given"
    said = f"bill {counted(units, 'unit')} in {_named(where, line, 'units', f', 1 unit = {unit}')}{condition}"
    return _Part(said, _edit_of(where, show(units), line.units_as_written))


def _miscellaneous_units(line: ServiceLine, code: DrugCode) -> _Part | None:
    """The units under a miscellaneous code, which bills a dose, not milligrams."""
    if line.procedure.form == "elements":
        return None
    where = line.at_service_unit_count
    if not needs_one_unit(line, code):
        return _Part(f"bill the units that the payer wants for it in {_named(where, line, 'units')}, most often 1")
    return _Part(f"bill 1 unit in {_named(where, line, 'units')}", _edit_of(where, "1", line.units_as_written))


def _basis(line: ServiceLine) -> _Part | None:
    """The measure of the units on a line of which QTY004 says nothing yet: it has no code of the drug's, or no units,
    either.
    """
    told = isinstance(line, DrugLine) and line.code and (line.unit_basis or line.units_as_written)
    if told or line.unit_basis == _UNITS or line.procedure.form == "elements":
        return None
    where = line.at_unit_basis
    return _Part(f"write UN in {_named(where, line, 'units')}", _edit_of(where, _UNITS, line.unit_basis))


def _edit_of(where: Place, text: str, present: str) -> tuple[Edit, ...] | None:
    """The edit of an element that is there; none where it is right already."""
    if where.number > len(where.segment):
        return None
    return () if present == text else (Edit(where, text),)


def _discard_modifier(line: ServiceLine, drug: Drug) -> _Part | None:
    """JZ or JW, where the payer needs one and the line has none."""
    if not needs_discard_modifier(line) or not _DISCARD.isdisjoint(line.modifiers):
        return None
    if isinstance(line, DrugLine) and line.discarded:
        return None
    said = f"add JZ ({box(line, 'modifiers')}) if nothing was discarded, or bill what was discarded on a line with JW"
    whole = _dose(line, drug) is not None and any(_modifier_edit(line, "JZ"))
    return _Part(said, () if whole else None)  # the edit is in the one of the code


def _further(line: ServiceLine, drug: Drug) -> Iterator[_Part]:
    """What else a line of a drug's own code needs that one of a miscellaneous code does not."""
    if needs_ndc(line) and not line.drug_identifications:
        yield _Part(f"report the NDC in LIN03 ({box(line, 'NDC')})", None)
    revenue = drug.revenue_codes
    if line.is_outpatient and line.revenue_code and revenue and line.revenue_code not in revenue:
        edits = (Edit(line.at_revenue_code, revenue[0]),)
        yield _Part(f"use revenue code {revenue[0]} in SV201 ({box(line, 'revenue code')})", edits)


def _description(line: ServiceLine, drug: Drug) -> _Part | None:
    """The description that a miscellaneous code needs."""
    if line.description:
        return None
    said = f"write the drug's name, its dose and its NDC in {_named(line.at_description, line, 'description')}"
    text = description_of(line, drug)
    return _Part(said, (Edit(line.at_description, text),) if text else None)


def _amount(line: ServiceLine) -> Decimal | None:
    return line.ndc_amount if isinstance(line, DrugLine) else None


def _package(line: ServiceLine, drug: Drug) -> str:
    if not isinstance(line, DrugLine) or line.drug is not drug:
        return ""
    return next((package.digits for item in line.drug_identifications if (package := line.package_of(item))), "")


def _dose(line: ServiceLine, drug: Drug) -> Decimal | None:
    """The amount of the line's NDC quantity, where it is a dose from which the units follow: nothing else that the line
    says contradicts it.
    """
    if not isinstance(line, DrugLine) or line.drug is not drug:
        return None
    pair = line.claim.lines_by_code[line.procedure_code].has_discarded
    amount, code = line.ndc_amount, line.code
    plain = len(line.drug_identifications) == 1 and not line.is_compound and not pair
    if not plain or amount not in drug.doses or (code and code.is_product and billed_amount(line) != amount):
        return None
    return None if _names_other_amount(line, drug, amount) else amount


def _names_other_amount(line: DrugLine, drug: Drug, amount: Decimal) -> bool:
    """Whether a text of the line has another amount of the drug's measure, such as 7 MG beside a package of 10 mg."""
    texts = [line.description, *(" ".join(note.texts[1:]) for note in line.notes)]
    written = re.findall(rf"([0-9]+(?:\.[0-9]+)?) ?{re.escape(drug.measure)}(?![A-Z])", " ".join(texts), re.IGNORECASE)
    return any(Decimal(number) != amount for number in written)
