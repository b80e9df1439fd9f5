"""What a store of CMS's files says, in words: its sources, the history of a code or an NDC, what a quarter changed."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from lint837.facts.quarter import Quarter
from lint837.facts.store import Imported, Listing, Skipped, Store
from lint837.facts.stored import StoredDrugs
from lint837.rules.values import counted

_SHOWN = 12  # hexadecimal digits of a hash


def imported(files: Sequence[Imported], skipped: Iterable[Skipped]) -> Iterator[str]:
    """What an import took, and what not."""
    for one in files:
        file = one.file
        yield f"{one.name}: {_kind(file.kind, file.day)}, {counted(len(file.rows), 'row')}"
        reasons: dict[str, int] = {}
        for left in file.left_out:
            reasons[left.reason] = reasons.get(left.reason, 0) + 1
        for reason, number in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
            yield f"  left out: {counted(number, 'line')}, {reason}"
    yield from (f"{one.name}: not read: {one.reason}" for one in skipped)


def summary(store: Store) -> Iterator[str]:
    """The files that a store was made of, and what it holds."""
    packages = store.every()
    codes, ndcs = {one.code for one in packages if one.code}, {one.ndc for one in packages}
    yield (
        f"Store of CMS files: {counted(len(codes), 'code')} with {counted(len(ndcs), 'NDC')}, "
        f"{counted(len(store.drug_codes), 'drug code')} in all"
    )
    for one in store.sources:
        yield (
            f"  {_kind(one.kind, one.day)}: {counted(one.taken, 'row')}, {one.left_out:,} left out"
            f"  sha256 {one.sha256[:_SHOWN]}  {one.name}"
        )


def left_out(store: Store) -> Iterator[str]:
    """Every line that is no row."""
    yield from (f"{name}, line {line}: {reason}" for name, line, reason in store.left_out())


def code_history(stored: StoredDrugs, code: str) -> Iterator[str]:
    """What CMS says of a code; nothing where it says nothing."""
    store, row, packages = stored.store, stored.store.code(code), stored.store.of_code(code)
    if row is None and not packages:
        return
    names = ", ".join(dict.fromkeys(one.name for one in packages)) if packages else ""
    yield f"{code}: {row.text if row else names}"
    if row:
        known = store.code_lists[-1]
        yield f"  days           {row.first} to {row.last or 'open'}, by the HCPCS file of {known}"
        if row.successors:
            yield f"  replaced by    {row.successors.replace(' ', ', ')}"
    else:
        yield "  days           not known: no HCPCS file that was imported has the code"
    before = store.predecessors(code)
    if before:
        yield f"  replaced       {', '.join(before)}"
    dosages = list(dict.fromkeys(one.dosage for one in sorted(packages, key=_last)))
    if dosages:
        yield f"  1 unit         {' or '.join(dosages)}"
    if row and row.is_unlisted:
        yield "  bills any drug without a code of its own"
    yield from (f"  payment limit  {day}  ${dollars} a unit" for day, _, dollars in store.prices(code))
    yield from (f"  OPPS status    {day or 'no date'}  {status}" for day, status in store.statuses(code))
    if packages:
        yield "Packages that CMS lists, which may not be all"
        yield from (f"  {_package(one)}" for one in packages)


def ndc_history(stored: StoredDrugs, digits: str) -> Iterator[str]:
    """Under which codes CMS listed an NDC, and when; nothing where it did not."""
    listed = sorted(stored.store.of_ndc(digits), key=lambda one: (one.quarters, one.code))
    if listed:
        yield f"{_hyphens(digits)}: {listed[-1].name}, {listed[-1].labeler}"
    for one in listed:
        yield f"  {one.code or 'no code of its own'}  {_package(one)}"


def difference(old: Store, new: Store) -> Iterator[str]:
    """What a store says in its last quarter that another did not say in its own, by NDC and by code."""
    before, after = (store.quarters[-1] if store.quarters else None for store in (old, new))
    yield f"{before or 'no crosswalk'} to {after or 'no crosswalk'}"
    was, now = _listed(old, before), _listed(new, after)
    changes: list[str] = []
    for ndc in sorted(was.keys() | now.keys()):
        codes, new_codes = was.get(ndc, {}), now.get(ndc, {})
        name = next(iter({**codes, **new_codes}.values())).name
        if not codes:
            changes.append(f"new       {_hyphens(ndc)}  {', '.join(new_codes)}  {name}")
        elif not new_codes:
            changes.append(f"gone      {_hyphens(ndc)}  {', '.join(codes)}  {name}")
        elif codes.keys() != new_codes.keys():
            changes.append(f"moved     {_hyphens(ndc)}  {', '.join(codes)} to {', '.join(new_codes)}  {name}")
        else:
            changes += (
                f"units     {_hyphens(ndc)}  {code}  {_holds(codes[code])} to {_holds(new_codes[code])}  {name}"
                for code in new_codes
                if _holds(codes[code]) != _holds(new_codes[code])
            )
    yield from sorted(changes)
    known, known_now = ({row.code: row for row in store.codes()} for store in (old, new))
    for code in sorted(known.keys() | known_now.keys()):
        one, other = known.get(code), known_now.get(code)
        if one is None and other:
            yield f"code      {code}  from {other.first}  {other.text}"
        elif one and other and one.last != other.last:
            yield f"ended     {code}  {other.last or 'open again'}  {other.successors.replace(' ', ', ')}".rstrip()


def _listed(store: Store, quarter: Quarter | None) -> dict[str, dict[str, Listing]]:
    """The listings of a quarter by NDC and code."""
    found: dict[str, dict[str, Listing]] = {}
    for one in store.every():
        if quarter in one.quarters:
            found.setdefault(one.ndc, {})[one.code] = one
    return found


def _kind(kind: str, day: object) -> str:
    return f"{kind} {day}" if day else kind


def _last(one: Listing) -> Quarter:
    return one.quarters[-1]


def _hyphens(digits: str) -> str:
    return f"{digits[:5]}-{digits[5:9]}-{digits[9:]}"


def _package(one: Listing) -> str:
    """A package with what it holds, and when it was listed so."""
    named = ", ".join(filter(None, [one.name, one.labeler]))
    return f"{_hyphens(one.ndc)}  {_holds(one)}  {_when(one.quarters)}  {named}"


def _holds(one: Listing) -> str:
    each = Fraction(one.units) / Fraction(one.size)
    milliliters = f", 1 ML = {each if each.denominator == 1 else f'{one.units}/{one.size}'} units"
    containers = f", {one.containers} in a carton" if one.containers != "1" else ""
    return f"1 UN = {one.units} {'unit' if one.units == '1' else 'units'}{milliliters}{containers}"


def _when(quarters: Sequence[Quarter]) -> str:
    """Quarters as ranges."""
    ranges: list[list[Quarter]] = []
    for quarter in quarters:
        if ranges and ranges[-1][-1].next == quarter:
            ranges[-1].append(quarter)
        else:
            ranges.append([quarter])
    return ", ".join(f"{one[0]} to {one[-1]}" if len(one) > 1 else str(one[0]) for one in ranges)
