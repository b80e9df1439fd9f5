"""Edits that add a modifier to a line, or take one from it. A description after the modifiers keeps its place."""

from collections.abc import Sequence

from lint837 import DrugLine, Edit, Place

_FIRST, _LAST = 3, 6  # the components of SV101 or SV202 that are modifiers


def adding(modifier: str, line: DrugLine) -> tuple[Edit, ...]:
    """Add a modifier; nothing where the line has four, or its code is out of its place."""
    procedure, segment = line.procedure, line.service
    if segment is None or procedure.form or not procedure.element or not procedure.written:
        return ()
    components = segment.components(procedure.element)
    for number in range(_FIRST, min(_LAST, len(components)) + 1):
        if not components[number - 1].strip():
            return (Edit(segment.at(procedure.element, number, line=line.ordinal), modifier),)
    if len(components) >= _LAST:
        return ()
    return (Edit(line.at_procedure_code, f"{procedure.written}{_separator(line)}{modifier}"),)


def removing(places: Sequence[Place], line: DrugLine) -> tuple[Edit, ...]:
    """Take the modifiers at some places from the line; nothing where its code is out of its place."""
    numbers = {place.component for place in places}
    if line.service is None or 0 in numbers:
        return ()
    components = line.service.components(places[0].number)
    if len(components) > _LAST:
        # One by one, so that no edit holds the description.
        segment, element = places[0].segment, places[0].number
        left = [text for n, text in enumerate(components[:_LAST], 1) if n >= _FIRST and n not in numbers]
        left += [""] * (_LAST - _FIRST + 1 - len(left))
        return tuple(
            Edit(segment.at(element, n, line=line.ordinal), text)
            for n, text in enumerate(left, _FIRST)
            if text != components[n - 1]
        )
    kept = [text for number, text in enumerate(components, 1) if number not in numbers]
    return (Edit(line.at_procedure, _separator(line).join(kept)),)


def _separator(line: DrugLine) -> str:
    return line.service.delimiters.component.decode("latin-1") if line.service else ""
