"""Claim status codes: the claim_status.toml of each rule package gives the codes of a finding in a 277CA."""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources

from lint837.claims.loops import entity_of_loop
from lint837.lint.finding import Finding
from lint837.rules.rule import RuleError
from lint837.rules.rulebook import Rulebook

_FILE = "claim_status.toml"
# STC01 of an accepted claim: received (A1), "accepted for processing" (20). Of a claim rejected for its lines: "line
# information" (247). Of a rule without codes of its own: "invalid billing combination", with the text in STC12 (448).
ACCEPTED, LINES_REJECTED = "A1:20", "A3:247"
_NO_CODES = ("A3:448",)
# Of a claim that could not be read: "rejected: syntax error noted for this claim" (684).
UNREAD = "A3:684"
_CODE = re.compile(r"A[3678]:[0-9]{1,3}(:[A-Z0-9]{2,3}|:\{entity\})?")
_ENTITY = ":{entity}"
_IS_ENTITY = re.compile("[A-Z0-9]{2,3}", re.ASCII)
_TABLES = {"sources", "meanings", "status"}
_KEYS = {"rules", "element", "cause", "codes", "source"}


class Statuses:
    """The claim status codes of the rules."""

    def __init__(self, known: Mapping[tuple[str, str], tuple[str, ...]]) -> None:
        """`known`: codes such as A7:507, worst first, by rule and what tells its findings apart: a cause of the rule,
        an element such as CTP04, a segment such as CTP, or "" for any.
        """
        self._known = known

    def codes(self, findings: Iterable[Finding]) -> tuple[str, ...]:
        """The codes of findings, worst first, each once."""
        return tuple(dict.fromkeys(code for finding in findings for code in self._of(finding)))

    def _of(self, finding: Finding) -> tuple[str, ...]:
        if finding.incomplete:
            return (UNREAD,)
        keys = ((finding.rule, which) for which in (*filter(None, (finding.cause, _place(finding))), ""))
        codes = next((self._known[key] for key in keys if key in self._known), ())
        return tuple(_with_entity(code, finding) for code in codes or _NO_CODES)


def _with_entity(code: str, finding: Finding) -> str:
    """A code with the entity in whose loop the finding is, where it asks for one that is known."""
    if not code.endswith(_ENTITY):
        return code
    raw = finding.raw
    own = raw.at.texts[1:2] if raw and raw.at.id == "NM1" else ()
    entity = own[0].strip() if own else entity_of_loop(finding.location.loop or "", raw.guide if raw else "")
    return code.removesuffix(_ENTITY) + (f":{entity}" if _IS_ENTITY.fullmatch(entity) else "")


def _place(finding: Finding) -> str:
    """The element of a finding, or the segment where the finding is about a whole one."""
    return finding.location.element or (finding.raw.at.id if finding.raw else "")


def load_statuses(rulebook: Rulebook) -> Statuses:
    """The codes of every rule of a rulebook. Raises RuleError where the file of a package is wrong."""
    packages: dict[str, set[str]] = {}
    for rule in rulebook.rules:
        packages.setdefault(_package_with_codes(rule.module), set()).add(rule.code)
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for package, codes in packages.items():
        if package:
            text = (resources.files(package) / _FILE).read_text(encoding="utf-8")
            known |= _read(text, f"{package}/{_FILE}", codes)
    return Statuses(known)


@lru_cache
def _package_with_codes(module: str) -> str:
    """The innermost package around a module that has a claim_status.toml; "" where none has one."""
    while module:
        if hasattr(sys.modules.get(module), "__path__") and (resources.files(module) / _FILE).is_file():
            return module
        module = module.rpartition(".")[0]
    return ""


def _read(text: str, origin: str, rules: set[str]) -> dict[tuple[str, str], tuple[str, ...]]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{origin}: not valid TOML: {error}") from None
    sources, entries = table.get("sources"), table.get("status")
    if not isinstance(entries, list) or not isinstance(sources, dict) or table.keys() - _TABLES:
        raise RuleError(f"{origin}: expected the tables sources and [[status]], and optionally meanings")
    known: dict[tuple[str, str], tuple[str, ...]] = {}
    for number, entry in enumerate(entries):
        where = f"{origin}: status[{number}]"
        if not isinstance(entry, dict) or entry.keys() - _KEYS:
            raise RuleError(f"{where}: expected the keys rules, codes and source, and optionally element or cause")
        codes, source = entry.get("codes"), entry.get("source")
        element = entry.get("cause", entry.get("element", ""))
        if not isinstance(codes, list) or not codes or not all(_is_code(code) for code in codes):
            raise RuleError(
                f"{where}.codes: found {codes!r}, expected codes such as A7:507 of category A3, A6, A7 or A8"
            )
        if not isinstance(element, str):
            raise RuleError(f"{where}.element: found {element!r}, expected an element such as CTP05-1")
        if source not in sources:
            raise RuleError(f"{where}.source: found {source!r}, expected {' or '.join(sources) or 'a key of sources'}")
        named = entry.get("rules")
        if not isinstance(named, list) or not named or not rules.issuperset(named):
            raise RuleError(f"{where}.rules: found {named!r}, expected codes of rules in the same package")
        for rule in named:
            if (rule, element) in known:
                raise RuleError(f"{where}.rules: {rule} has codes already")
            known[rule, element] = tuple(codes)
    return known


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None
