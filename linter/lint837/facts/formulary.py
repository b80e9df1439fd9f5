"""The formulary: finds a drug by code, NDC and text, in the facts files first, then in the store.

A drug of the store is found by its code alone, where that is written after HC or first in SV101: its names are not
known, and an NDC may belong to several codes.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from lint837.facts.drugs import Drug, FactsError, Package, digits_of
from lint837.facts.names import DASHES

if TYPE_CHECKING:  # what only a store brings; start-up time is a feature
    from lint837.facts.store import Listing
    from lint837.facts.stored import StoredDrugs

_CODE_LENGTH = 5


def _labeler_and_product(package: Package) -> str:
    labeler, product, _ = package.ndc.split("-")
    return rf"{labeler}[- \u2010-\u2015]*0?{product}"


class Formulary:
    """The drugs to look for, by everything that identifies them on a service line.

    drugs: those of the facts files.
    """

    def __init__(self, drugs: Iterable[Drug], stored: "StoredDrugs | None" = None) -> None:
        """`drugs`: those of the facts files. They go before those of the store."""
        self.stored = stored
        self.drugs = tuple(sorted(drugs, key=lambda drug: drug.name))
        self._codes: dict[str, Drug] = {}
        self._packages: dict[str, tuple[Drug, Package]] = {}
        self._miscellaneous: dict[str, list[Drug]] = {}
        for drug in self.drugs:
            for code in drug.codes:
                if not code.is_product:
                    self._miscellaneous.setdefault(code.code, []).append(drug)
                elif self._codes.setdefault(code.code, drug) is not drug:
                    other = self._codes[code.code].name
                    raise FactsError(f"code {code.code} belongs to both {other} and {drug.name}")
            for package in drug.packages:
                for form in package.forms:
                    if self._packages.setdefault(form, (drug, package))[0] is not drug:
                        other = self._packages[form][0].name
                        raise FactsError(f"NDC {package.ndc} belongs to both {other} and {drug.name}")
        digits = {_labeler_and_product(package) for drug in self.drugs for package in drug.packages}
        own = (" *".join(code) for code in self._codes)
        # An own code, or the labeler and product digits of an NDC, anywhere in a text in capital letters.
        self.mention_pattern = re.compile("|".join(sorted({*digits, *own})) or "(?!)")

    @cached_property
    def code_pattern(self) -> re.Pattern[str]:
        """An own or miscellaneous code anywhere: alone, after its qualifier, or with modifiers glued to it."""
        codes = "|".join(" *".join(code) for code in sorted({*self._codes, *self._miscellaneous}))
        return re.compile(
            rf"(?<![A-Z0-9])(?:(?:HC|ER|IV|WK|HP) *)?(?P<code>{codes or '(?!)'})"
            r"(?= *(?:[A-Z0-9]{2}){0,4}(?![A-Z0-9]))"
        )

    @cached_property
    def _ndc_pattern(self) -> re.Pattern[str]:
        forms = "|".join(package.pattern for drug in self.drugs for package in drug.packages)
        return re.compile(rf"(?:(?<![0-9])|(?<=N4))(?:{forms or '(?!)'})(?![0-9])")

    @property
    def days(self) -> frozenset[date]:
        """The days on which something changes for any claim: of the facts files approvals, the first and last days of
        codes; of the store those of the HCPCS files.
        """
        changes = (day for drug in self.drugs for day in drug.code_changes)
        ends = (code.last for drug in self.drugs for code in drug.codes if code.last)
        lists = self.stored.code_lists if self.stored else ()
        return frozenset((*changes, *ends, *(drug.begins for drug in self.drugs), *lists))

    def days_of(self, written: str) -> frozenset[date]:
        """The days on which something changes for a code of the store, or for an NDC in it, in any written form."""
        if self.stored is None:
            return frozenset()
        return self.stored.days_of_code(written) if len(written) <= _CODE_LENGTH else self.stored.days_of_ndc(written)

    def by_code(self, code: str) -> Drug | None:
        """The drug of a facts file with this code of its own, in upper case without blanks."""
        return self._codes.get(code)

    def stored_drug(self, code: str) -> Drug | None:
        """The drug of the store with this code; None where a facts file has the code."""
        return self.stored.drug(code) if self.stored and not self.is_code(code) else None

    def listings(self, digits: str) -> "Sequence[Listing]":
        """Where CMS lists an NDC of eleven digits; nothing without a store."""
        return self.stored.listings(digits) if self.stored else ()

    def by_ndc(self, written: str, first: Drug | None = None) -> tuple[Drug, Package] | None:
        """The package with this NDC, in any written form, and its drug: `first` if it is one of that, else the drug of
        a facts file.
        """
        if first is not None and first.lacks:
            packages = first.packages_with(digits_of(written))
            if packages:
                return first, packages[0]
        written = written.strip()
        known = self._packages.get(written)
        if known or not 10 < len(written) < 20:
            return known
        parts = re.findall(r"[0-9]+", written.translate(DASHES))
        if len(parts) not in (2, 3) or not re.fullmatch(r"[0-9]+(?:[- ]+[0-9]+){1,2}", written.translate(DASHES)):
            return None
        return self._packages.get("-".join(parts)) or self._packages.get("".join(parts))

    def under_miscellaneous(self, code: str) -> list[Drug]:
        """The drugs that are or were billed under this miscellaneous code."""
        return self._miscellaneous.get(code, [])

    def is_code(self, code: str) -> bool:
        """Whether a code, normalized, is one of a drug of a facts file, its own or a miscellaneous one."""
        return code in self._codes or code in self._miscellaneous

    def ndc_in(self, text: str) -> str:
        """The first NDC of a drug that is in a text, as written there, perhaps with other dashes; "" for none."""
        match = self._ndc_pattern.search(text.translate(DASHES))
        return text[match.start() : match.end()] if match else ""

    def named_in(self, text: str) -> list[str]:
        """The words in a text that name a drug or write its NDC, in their order: all of it that may be shown."""
        spans = sorted({(start, end) for drug in self.drugs for start, end, _ in drug.named.find(text)})
        return [text[start:end].upper() for start, end in spans]
