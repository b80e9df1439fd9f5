"""Drugs of the store as facts: for each code one drug, of which CMS says the units of each package and the days of the
code, and nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from lint837.facts.cms import CodeRow
from lint837.facts.dosage import dosage_in, unit_in
from lint837.facts.drugs import Drug, DrugCode, Fact, Package, Successor, digits_of
from lint837.facts.quarter import Quarter
from lint837.facts.store import Listing, Store

_LACKS = frozenset(Fact)
_NO_FORMS: frozenset[str] = frozenset()
_number = lru_cache(1024)(Decimal)  # thousands of packages have few sizes
_MOST_SUCCESSORS = 8  # codes of a chain of replacements that is followed
_SOURCES = {
    "crosswalk": "CMS ASP NDC-HCPCS crosswalks",
    "hcpcs": "CMS alpha-numeric HCPCS file",
}


class StoredDrugs:
    """The drugs of a store, each made when it is first asked for, and then kept: they are compared by identity."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._drugs: dict[str, Drug | None] = {}
        self._listings: dict[str, Sequence[Listing]] = {}

    @cached_property
    def codes(self) -> frozenset[str]:
        """The codes that have a drug."""
        return self.store.drug_codes

    @cached_property
    def code_lists(self) -> tuple[date, ...]:
        """The first and the last day of the HCPCS files: nothing where there are not two."""
        days = self.store.code_lists
        return (days[0], days[-1]) if len(days) > 1 else ()

    @property
    def description(self) -> str:
        """What it is, in words: "CMS files 2024Q1 to 2026Q1"."""
        quarters = self.store.quarters
        return f"CMS files {quarters[0]} to {quarters[-1]}" if quarters else "CMS files"

    @cached_property
    def letters(self) -> str:
        """The first letters of the codes."""
        return "".join(sorted({code[0] for code in self.codes}))

    def is_looked_for(self, code: str) -> bool:
        """Whether a claim with a code may hold a finding: it has a drug, or is in no file."""
        return code in self.codes or self.is_unknown(code)

    def is_unknown(self, code: str) -> bool:
        """Whether a code has the form of a drug's, and is in no file that was imported."""
        return (
            bool(self.code_lists)
            and code[:1] in self.letters
            and bool(re.fullmatch("[A-Z][0-9]{4}", code))
            and code not in self.codes
            and self.store.code(code) is None
        )

    def listings(self, digits: str) -> Sequence[Listing]:
        """Where an NDC of eleven digits is listed."""
        if digits not in self._listings:
            self._listings[digits] = tuple(self.store.of_ndc(digits)) if digits else ()
        return self._listings[digits]

    def drug(self, code: str) -> Drug | None:
        """The drug with a code."""
        if code not in self._drugs:
            self._drugs[code] = self._made(code) if code in self.codes else None
        return self._drugs[code]

    def days_of_code(self, code: str) -> frozenset[date]:
        """The days on which a code begins and ends, and through which that is known."""
        drug = self.drug(code)
        if drug is None:
            return frozenset()
        [own] = drug.codes
        later = [one.code for one in drug.successors]
        days = (day for one in (own, *later) for day in (one.first, one.last, *one.boundaries, one.known_through))
        return frozenset(day for day in days if day)

    def days_of_ndc(self, written: str) -> frozenset[date]:
        """The first days of the quarters in which an NDC is listed in another way than in the one before."""
        listed = self.listings(digits_of(written))
        found: set[date] = set()
        before: set[Listing] = set()
        for quarter in self.store.quarters if listed else ():
            now = {one for one in listed if quarter in one.quarters}
            if now != before:
                found.add(quarter.first)
            before = now
        return frozenset(found)

    def quarter_of(self, day: date) -> Quarter | None:
        """The last quarter up to a day whose crosswalk was imported."""
        return max((quarter for quarter in self.store.quarters if quarter.first <= day), default=None)

    # -- how a drug is made

    def _made(self, code: str) -> Drug:
        listed = self.store.of_code(code)
        row = self.store.code(code)
        newest = max(listed, key=lambda one: one.quarters[-1], default=None)
        dosage = newest.dosage if newest else dosage_in(row.text if row else "")
        own = self._code(code, row, dosage)
        names = list(dict.fromkeys(one.name for one in sorted(listed, key=lambda one: one.quarters[-1], reverse=True)))
        brand = names[0] if len({name.casefold() for name in names}) == 1 else ""
        quarters = self.store.quarters
        return Drug(
            name=f"{code} ({brand})" if brand else code,
            title=row.text if row else brand or code,
            measure="unit",
            approved=None,
            verified_through=quarters[-1].last if quarters else max(self.store.code_lists, default=date.min),
            names=(),
            codes=(own,),
            packages=tuple(_package(one) for one in sorted(listed, key=_newest_first)),
            doses=(),
            sources=_SOURCES,
            successors=tuple(self._successors(code, row)) if row else (),
            lacks=_LACKS,
        )

    def _code(self, code: str, row: CodeRow | None, dosage: str) -> DrugCode:
        """The code with its days, which only a HCPCS file says."""
        lists = self.store.code_lists
        return DrugCode(
            code=code,
            kind="temporary" if code.startswith("C") else "permanent",
            first=date.fromisoformat(row.first) if row else None,
            last=date.fromisoformat(row.last) if row and row.last else None,
            settings="",
            amount=Decimal(1),
            source="hcpcs" if row else "crosswalk",
            dosage=dosage,
            known_through=(lists[-1] if lists else date.min) if row else date.min,
        )

    def _successors(self, code: str, row: CodeRow) -> Iterator[Successor]:
        """The codes that replaced a code; of one that was replaced, too, also those that replaced it."""
        own, due, seen = unit_in(row.text), row.successors.split(), {code}
        while due and len(seen) <= _MOST_SUCCESSORS:
            one = due.pop(0)
            known = self.store.code(one) if one not in seen else None
            seen.add(one)
            if known is None:
                continue
            theirs = unit_in(known.text)
            factor = own[0] / theirs[0] if own and theirs and own[1] == theirs[1] else None
            yield Successor(self._code(one, known, dosage_in(known.text)), factor)
            due += known.successors.split() if known.last else []


def _newest_first(one: Listing) -> tuple[str, tuple[int, ...]]:
    last = one.quarters[-1]
    return one.ndc, (-last.year, -last.number, -len(one.quarters))


def _package(one: Listing) -> Package:
    return Package(
        ndc=f"{one.ndc[:5]}-{one.ndc[5:9]}-{one.ndc[9:]}",
        digits=one.ndc,
        forms=_NO_FORMS,
        amount=_number(one.units),
        counted_in="",
        form="",
        source="crosswalk",
        volume=_number(one.size),
        containers=_number(one.containers),
        quarters=one.quarters,
    )
