"""Drug facts: what is known of one drug, and the TOML file that says it.

Facts are data: the codes of the drug with their dates, the amount in a billed unit and in a package, the names that
claims use. This module knows no particular drug.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from lint837.facts.names import DASHES, Names
from lint837.facts.nearest import nearest
from lint837.facts.quarter import Quarter
from lint837.facts.settings import WHERE, Setting
from lint837.files.settings_file import SettingsFileError, table_of

_KINDS = ("permanent", "temporary", "miscellaneous")
_COUNTED_IN = ("UN", "ML")
_T = TypeVar("_T")


class FactsError(ValueError):
    """A facts file that cannot be used. The text says which key, what was found, and what was expected."""


class DrugCode(NamedTuple):
    """A HCPCS code under which the drug is or was billed.

    kind: permanent, temporary or miscellaneous.
    first, last: the first and last date of service, None where open.
    settings: where it is used, as text.
    where: the settings in which it is billed, of settings.WHERE; empty if in all.
    payers: claim filing codes (SBR09) of payers that took it elsewhere, too.
    amount: of the drug's measure in one billed unit; 0 for a miscellaneous code, which has no fixed amount.
    source: a key of the drug's sources.
    dosage: one billed unit as CMS writes it, such as "10 MG"; "" where `amount` says it.
    known_through: the day through which first and last are known, None where they are known without a limit.
    """

    code: str
    kind: str
    first: date | None
    last: date | None
    settings: str
    amount: Decimal
    source: str
    where: tuple[str, ...] = ()
    payers: tuple[str, ...] = ()
    dosage: str = ""
    known_through: date | None = None

    @property
    def is_product(self) -> bool:
        """True if the code is for this drug alone."""
        return self.kind != "miscellaneous"

    def valid_on(self, day: date) -> bool:
        """True if the code is valid on a date of service."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def used_in(self, setting: Setting) -> bool:
        """True if the code is billed in a setting to any payer that takes it."""
        return not self.where or setting.where in self.where

    @property
    def boundaries(self) -> tuple[date, ...]:
        """The first day of the code, and the day after its last."""
        ended = self.last + timedelta(days=1) if self.last else None
        return tuple(day for day in (self.first, ended) if day)


class Package(NamedTuple):
    """A package.

    ndc: as the FDA writes it, such as 55513-077-01.
    digits: as a claim must write it, eleven digits.
    forms: every written form that is recognized.
    amount: of the drug's measure in one `counted_in`, UN (a package) or ML.
    form: such as "kit", as text.
    source: a key of the drug's sources.

    Of a package that only CMS lists, it is not known what it is counted in: `counted_in` is "", and `amount` is what
    one container holds.
    volume: the content of a container, in milliliters if it is a liquid; 1 for most powders.
    containers: how many the NDC holds.
    quarters: in which CMS lists it so.
    """

    ndc: str
    digits: str
    forms: frozenset[str]
    amount: Decimal
    counted_in: str
    form: str
    source: str
    volume: Decimal = Decimal(1)
    containers: Decimal = Decimal(1)
    quarters: tuple[Quarter, ...] = ()

    def amount_in(self, unit: str) -> Fraction | None:
        """The amount of the drug's measure in one UN or ML; None in a unit in which the package is not counted."""
        if self.counted_in:
            return Fraction(self.amount) if unit == self.counted_in else None
        if unit == "ML":
            return Fraction(self.amount) / Fraction(self.volume)
        return Fraction(self.amount) if unit == "UN" else None

    @property
    def pattern(self) -> str:
        """A regular expression for every written form, in a text with plain hyphens."""
        labeler, product, package = self.ndc.split("-")
        middle = f"0?{product}" if len(product) == 3 else product
        first = f"0?{labeler}" if len(labeler) == 4 else labeler
        last = f"0?{package}" if len(package) == 1 else package
        return f"{first}[- ]?{middle}[- ]?{last}|0{''.join((labeler, product, package))}"


class OtherProduct(NamedTuple):
    """Another product whose NDC is mistaken for the drug's.

    digits: its NDC in eleven digits.
    codes: those that bill it.
    source: a key of the drug's sources.
    """

    digits: str
    name: str
    codes: tuple[str, ...]
    source: str


class Successor(NamedTuple):
    """A code that replaced another. factor: how many of its units are one unit of the other; None where not known."""

    code: DrugCode
    factor: Fraction | None


class Fact(StrEnum):
    """A kind of facts that a facts file says of a drug, and the files of CMS do not. A rule that needs one names it."""

    APPROVAL = "its approval"
    NAMES = "its names"
    DOSES = "its doses"
    CONTAINERS = "how its containers are counted and opened"
    EVERY_CODE = "all codes that billed it, and where"
    EVERY_PACKAGE = "all its packages"
    USES = "its diagnoses and revenue codes"


class Drug(NamedTuple):
    """The facts of one drug.

    measure: the unit of every amount, such as mg.
    approved: the day of its approval, None where not known.
    verified_through: the day through which these facts were checked.
    names: those that claims use. A text with one of them, also with one slip of the keys, mentions the drug.
    companions: drugs that are given with it. A text that has one of them may be about that drug.
    doses: those of the label.
    sources: citations by key.
    indications: the beginnings of the ICD-10-CM codes that it is approved for; empty if not known.
    revenue_codes: those under which an outpatient 837I bills it, four digits; empty if not known.
    other_products: products that are mistaken for it.
    successors: the codes that replaced its code, where `codes` has only one.
    lacks: what is not known of it. A drug of a facts file lacks nothing.
    """

    name: str
    title: str
    measure: str
    approved: date | None
    verified_through: date
    names: tuple[str, ...]
    codes: tuple[DrugCode, ...]
    packages: tuple[Package, ...]
    doses: tuple[Decimal, ...]
    sources: Mapping[str, str]
    indications: tuple[str, ...] = ()
    revenue_codes: tuple[str, ...] = ()
    other_products: tuple[OtherProduct, ...] = ()
    companions: frozenset[str] = frozenset()
    successors: tuple[Successor, ...] = ()
    lacks: frozenset[Fact] = frozenset()

    @property
    def begins(self) -> date:
        """The first day on which it can be billed: that of its approval, or any day where that is not known."""
        return self.approved or date.min

    @property
    def named(self) -> Names:
        """What finds the drug in a text."""
        return _names(self.names, self.packages)

    def cited(self, *facts: "DrugCode | Package | OtherProduct | None") -> tuple[str, ...]:
        """The citations of some of its facts, each once."""
        return tuple(dict.fromkeys(self.sources[fact.source] for fact in facts if fact))

    @property
    def code_changes(self) -> tuple[date, ...]:
        """The approval, the first day of each code, and the day after its last. Where a date of service must not be
        shown, it is described by these days.
        """
        return _code_changes(self.approved, self.codes)

    def code(self, code: str) -> DrugCode | None:
        """One of the drug's codes, by its text in upper case without blanks."""
        return next((known for known in self.codes if known.code == code), None)

    def other_product(self, digits: str) -> OtherProduct | None:
        """The other product with this NDC, in eleven digits."""
        return next((product for product in self.other_products if product.digits == digits), None)

    def codes_on(self, day: date) -> tuple[DrugCode, ...]:
        """The codes that are valid for a date of service; none before the drug was approved."""
        return tuple(code for code in self.codes if code.valid_on(day)) if day >= self.begins else ()

    def product_code_on(self, day: date) -> DrugCode | None:
        """The drug's own code on a date of service; a permanent one rather than a temporary one."""
        own = [code for code in self.codes_on(day) if code.is_product]
        return min(own, key=lambda code: _KINDS.index(code.kind), default=None)

    def codes_for(self, day: date, setting: Setting) -> tuple[DrugCode, ...]:
        """The codes that bill the drug on a date of service in a setting, the best one first; the permanent code alone
        if there is one. After those of the setting come codes that only some payers of that kind take there.
        """
        valid = sorted(self.codes_on(day), key=lambda code: _KINDS.index(code.kind))
        permanent = [code for code in valid if code.kind == "permanent"]
        usual = [code for code in permanent or valid if code.used_in(setting)]
        others = [code for code in permanent or valid if code not in usual and setting.payer in code.payers]
        return (*usual, *others)

    def packages_with(self, digits: str) -> tuple[Package, ...]:
        """The packages with an NDC of eleven digits; several where CMS lists it in several ways, the newest first."""
        return tuple(package for package in self.packages if package.digits == digits)

    def unit_of(self, code: DrugCode) -> str:
        """One billed unit of a code, as text: "1 mg", "10 MG"."""
        return code.dosage or self.measured(code.amount)

    def measured(self, amount: Decimal) -> str:
        """An amount of the drug as text, such as "10 mg"."""
        return f"{plain(amount)} {self.measure}"


@lru_cache
def _names(names: tuple[str, ...], packages: tuple[Package, ...]) -> Names:
    return Names(names, (package.pattern for package in packages))


@lru_cache
def _code_changes(approved: date | None, codes: tuple[DrugCode, ...]) -> tuple[date, ...]:
    return tuple(sorted({day for code in codes for day in (approved, *code.boundaries) if day}))


def plain(number: Decimal) -> str:
    """A number without exponent or trailing zeros: 10, 0.5."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_NDC_PARTS = ((5, 4, 2), (4, 4, 2), (5, 3, 2), (5, 4, 1))


def digits_of(written: str) -> str:
    """The eleven digits of an NDC that is written as such, or with hyphens or blanks; "" for any other text."""
    text = written.strip().translate(DASHES)
    if len(text) == 11 and text.isascii() and text.isdigit():
        return text
    parts = re.split(r"[- ]", text)
    if tuple(map(len, parts)) not in _NDC_PARTS or not all(part.isascii() and part.isdigit() for part in parts):
        return ""
    return "".join(part.zfill(width) for part, width in zip(parts, _NDC_PARTS[0], strict=True))


def is_ndc(written: str) -> bool:
    """True if a text looks like an NDC: ten or eleven digits, also with hyphens or blanks between them."""
    digits = re.sub(r"[ -]", "", written)
    return len(digits) in (10, 11) and digits.isascii() and digits.isdigit()


# -- loading


def load_drug(text: str, origin: str) -> Drug:
    """The drug in a facts file. Raises FactsError, which names the file as `origin`."""
    try:
        table = table_of(text)
    except SettingsFileError as error:
        raise FactsError(f"{origin}: {error}") from None
    return _Loader(origin).drug(table)


class _Loader:
    """Reads the keys of a facts file and checks each."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._keys: dict[str, list[str]] = {}  # the known keys of each table, by its place

    def drug(self, table: dict[str, Any]) -> Drug:
        sources = self._take(table, "sources", "a table of citations", _is_table_of_text, dict)
        names = self._take(table, "names", "a list of names", _is_list_of_text, list)
        companions = self._take(table, "companions", "a list of names", _is_list_of_text, list, default=[])
        doses = self._take(table, "doses", 'a list of decimals such as ["1", "10"]', _is_list_of_text, list, default=[])
        codes = self._take(table, "codes", "a list of tables", _is_list_of_tables, list)
        packages = self._take(table, "packages", "a list of tables", _is_list_of_tables, list)
        indications = self._take(
            table, "indications", 'a list such as ["C34"]', _is_list_of_diagnoses, list, default=[]
        )
        revenue_codes = self._take(
            table, "revenue_codes", 'a list such as ["0636"]', _is_list_of_revenue_codes, list, default=[]
        )
        others = self._take(table, "other_products", "a list of tables", _is_list_of_tables_or_empty, list, default=[])
        drug = Drug(
            name=self._text(table, "drug"),
            title=self._text(table, "title"),
            measure=self._text(table, "measure"),
            approved=self._date(table, "approved"),
            verified_through=self._date(table, "verified_through"),
            names=tuple(names),
            codes=tuple(self._code(entry, f"codes[{i}].", sources) for i, entry in enumerate(codes)),
            packages=tuple(self._package(entry, f"packages[{i}].", sources) for i, entry in enumerate(packages)),
            doses=tuple(self._amount({"doses": dose}, "doses") for dose in doses),
            sources=sources,
            companions=frozenset(name.upper() for name in companions),
            indications=tuple(indications),
            revenue_codes=tuple(revenue_codes),
            other_products=tuple(
                self._other_product(entry, f"other_products[{i}].", sources) for i, entry in enumerate(others)
            ),
        )
        self._finish(table, "")
        return drug

    def _code(self, table: dict[str, Any], where: str, sources: dict[str, str]) -> DrugCode:
        kind = self._choice(table, "kind", where, _KINDS)
        code = DrugCode(
            code=self._take(table, "code", "5 capital letters and digits", _is_hcpcs, str, where),
            kind=kind,
            first=self._date_or_none(table, "first", where),
            last=self._date_or_none(table, "last", where),
            settings=self._text(table, "settings", where, default=""),
            where=tuple(
                self._take(table, "where", f"a list of {', '.join(WHERE)}", _are_settings, list, where, default=[])
            ),
            payers=tuple(
                self._take(
                    table, "payers", "a list of claim filing codes (SBR09)", _is_list_of_text, list, where, default=[]
                )
            ),
            amount=Decimal(0) if kind == "miscellaneous" else self._amount(table, "amount", where),
            source=self._choice(table, "source", where, tuple(sources)),
        )
        if code.first and code.last and code.last < code.first:
            raise self._refusal(where + "last", code.last, f"a date not before {code.first}")
        self._finish(table, where)
        return code

    def _package(self, table: dict[str, Any], where: str, sources: dict[str, str]) -> Package:
        ndc = self._take(table, "ndc", "an NDC with hyphens such as 55513-077-01", _is_fda_ndc, str, where)
        parts = ndc.split("-")
        padded = [part.zfill(width) for part, width in zip(parts, (5, 4, 2), strict=True)]
        ten = "".join(parts)
        digits = "".join(padded)
        forms = {digits, ndc, "-".join(padded), " ".join(parts), " ".join(padded), ten, f"0{ten}"}
        package = Package(
            ndc=ndc,
            digits=digits,
            forms=frozenset(forms),
            amount=self._amount(table, "amount", where),
            counted_in=self._choice(table, "counted_in", where, _COUNTED_IN),
            form=self._text(table, "form", where, default=""),
            source=self._choice(table, "source", where, tuple(sources)),
        )
        self._finish(table, where)
        return package

    def _other_product(self, table: dict[str, Any], where: str, sources: dict[str, str]) -> OtherProduct:
        ndc = self._take(table, "ndc", "an NDC with hyphens such as 55513-077-01", _is_fda_ndc, str, where)
        codes = self._take(table, "codes", "a list of codes", _is_list_of_text, list, where)
        other = OtherProduct(
            digits="".join(part.zfill(width) for part, width in zip(ndc.split("-"), (5, 4, 2), strict=True)),
            name=self._text(table, "name", where),
            codes=tuple(codes),
            source=self._choice(table, "source", where, tuple(sources)),
        )
        self._finish(table, where)
        return other

    def _take(
        self,
        table: dict[str, Any],
        key: str,
        expected: str,
        accepts: Callable[[Any], bool],
        kind: type[_T],
        where: str = "",
        default: _T | None = None,
    ) -> _T:
        self._keys.setdefault(where, []).append(key)
        value = table.pop(key, default)
        if not isinstance(value, kind) or not accepts(value):
            raise self._refusal(where + key, value, expected)
        return value

    def _text(self, table: dict[str, Any], key: str, where: str = "", default: str | None = None) -> str:
        return self._take(table, key, "a text", lambda value: value == value.strip(), str, where, default)

    def _choice(self, table: dict[str, Any], key: str, where: str, choices: tuple[str, ...]) -> str:
        return self._take(table, key, " or ".join(choices), lambda value: value in choices, str, where)

    def _date(self, table: dict[str, Any], key: str, where: str = "") -> date:
        return self._take(table, key, "a date such as 2025-01-01", lambda value: type(value) is date, date, where)

    def _date_or_none(self, table: dict[str, Any], key: str, where: str) -> date | None:
        self._keys.setdefault(where, []).append(key)
        return self._date(table, key, where) if key in table else None

    def _amount(self, table: dict[str, Any], key: str, where: str = "") -> Decimal:
        text = self._take(table, key, 'a decimal above 0 in quotes, such as "0.5"', _is_amount, str, where)
        return Decimal(text)

    def _refusal(self, key: str, value: object, expected: str) -> FactsError:
        found = "nothing" if value is None else repr(value)
        return FactsError(f"{self._origin}: {key}: found {found}, expected {expected}")

    def _finish(self, table: dict[str, Any], where: str) -> None:
        """Refuse a key that was not read."""
        for key in table:
            raise FactsError(f"{self._origin}: {where}{key}: unknown key{nearest(key, self._keys[where])}")


def _is_list_of_text(value: list[Any]) -> bool:
    return all(isinstance(item, str) and item for item in value)


def _are_settings(value: list[Any]) -> bool:
    return all(one in WHERE for one in value)


def _is_list_of_diagnoses(value: list[Any]) -> bool:
    return all(isinstance(item, str) and re.fullmatch(r"[A-Z][0-9][0-9A-Z]{0,5}", item) for item in value)


def _is_list_of_revenue_codes(value: list[Any]) -> bool:
    return all(isinstance(item, str) and re.fullmatch(r"[0-9]{4}", item) for item in value)


def _is_list_of_tables_or_empty(value: list[Any]) -> bool:
    return all(isinstance(item, dict) for item in value)


def _is_list_of_tables(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(item, dict) for item in value)


def _is_table_of_text(value: dict[str, Any]) -> bool:
    return bool(value) and all(isinstance(item, str) for item in value.values())


def _is_hcpcs(value: str) -> bool:
    return bool(re.fullmatch(r"[A-Z0-9]{5}", value))


def _is_fda_ndc(value: str) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d{4}-\d{2}|\d{5}-\d{3}-\d{2}|\d{5}-\d{4}-\d{1,2}", value, re.ASCII))


def _is_amount(value: str) -> bool:
    return bool(re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII)) and Decimal(value) > 0
