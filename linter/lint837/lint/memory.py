"""What was said of a claim is remembered for those that bill the same in the same way.

The rules judge the normal form of a claim, which holds no person, number or day. What they find holds for every claim
with this normal form, and is carried over where all of it is known (carried.py); else the rules that have something to
say run on the claim itself. A rule that may read more than the normal form holds runs on every claim.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from lint837.claims.claim import Claim
from lint837.claims.header import Header
from lint837.claims.normal_form import Instance, NormalForm, NormalForms, written
from lint837.claims.segment import day_of
from lint837.facts.formulary import Formulary
from lint837.facts.payers import PayerProfile
from lint837.lint.asked import Rules
from lint837.lint.carried import Carried, Judged, carry
from lint837.lint.judgment import UNJUDGED, judge
from lint837.lint.repeats import Bill, bills_of, with_places
from lint837.rules.rule import Rule
from lint837.x12.slices import Slice

_T = TypeVar("_T")
_Key = tuple[object, ...]
_REMEMBERED = 16_384  # normal forms, of about half a KiB each


class Known(NamedTuple):
    """What is known of all claims with some normal form.

    drug_lines: how many they have. rules: those that have something to say of them, or may have. unjudged: whether
    they mention a drug where nothing judges it. bills: what their drug lines bill. findings: all that is to be said of
    them; None where the rules must say it.
    """

    drug_lines: int
    rules: Rules
    unjudged: bool
    bills: Sequence[Bill]
    findings: Sequence[Carried] | None


class Recalled(NamedTuple):
    """What is known of a claim by its normal form; its days, as CCYYMMDD; the ordinals of its service lines that are in
    the form; and whether it has an outline.
    """

    known: Known
    days: Sequence[bytes]
    lines: Sequence[int]
    outlined: bool


class _Outlined(NamedTuple):
    """What is known of all claims with some outline: by their normal form; the ordinals of their service lines that are
    in it; and which of the outline's days are, none for all. A line that is left out may have a day of its own.
    """

    known: Known | None
    lines: Sequence[int]
    days: Sequence[int]


class Memory:
    """Remembers what was said of the normal forms of claims on which the same rules run."""

    def __init__(self, formulary: Formulary, rules: Sequence[Rule], hidden: frozenset[str] = frozenset()) -> None:
        """`rules`: all that run on any of the claims. `hidden`: those of them that are ignored for the file."""
        self._formulary = formulary
        self._hidden = hidden
        pure = [rule for rule in rules if rule.days is not None]
        texts = [text for rule in pure for text in rule.prefilter or ()]
        self._forms = NormalForms(
            formulary,
            (day for rule in pure for day in rule.days or ()),
            None if any(rule.prefilter is None for rule in pure) else texts,
        )
        self._known: dict[_Key, Known | None] = {}
        # By the outlines of claims that have one, which are made sooner.
        self._outlined: dict[_Key, _Outlined] = {}

    def recall(self, piece: Slice, header: Header, profile: PayerProfile, rules: Rules) -> Recalled | None:
        """What is known of a claim on which `rules` are run; None where it must be judged as it is: it is not written
        in the usual way, or a rule failed.
        """
        outline = self._forms.outline(piece, header, profile.name)
        if outline and outline.key in self._outlined:
            known, lines, days = self._outlined[outline.key]
            own = [outline.days[n] for n in days] if days else outline.days
            return Recalled(known, own, lines, outlined=True) if known else None
        form = self._forms.of(piece, header, profile.name)
        if form is None:
            return None
        if form.key not in self._known:
            _keep(self._known, form.key, self._judge(form, piece, header, profile, rules))
        known = self._known[form.key]
        if outline:
            mine = [] if form.days == outline.days else [*map(outline.days.index, form.days)]
            _keep(self._outlined, outline.key, _Outlined(known, form.lines, mine))
        return Recalled(known, form.days, form.lines, outline is not None) if known else None

    def _judge(
        self, form: NormalForm, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> Known | None:
        pure = rules.pure
        judged = self._judged(form, form.instance(), piece, header, profile, pure)
        claim, judgment = judged.claim, judged.judgment
        if judgment.failures:
            return None
        try:
            bills = bills_of(claim, pure.comparing)
        except Exception:  # noqa: BLE001 - whatever a rule raises is said of the claim itself
            return None
        found = [*judgment.found, *(one.found for one in judgment.yielded)]
        speaking = {one.rule.code for one in found}
        asked = rules.only(frozenset(rule.code for rule in rules.drugs if rule.days is None or rule.code in speaking))
        findings: Sequence[Carried] | None = None
        # A text is not remembered.
        if not form.has_texts and speaking.issuperset(rule.code for rule in asked.drugs):
            other = form.other_instance()
            if other:
                again = self._judged(form, other, piece, header, profile, pure.only(frozenset(speaking)))
                findings = carry(judged, again, self._hidden)
        places = {_iso(day): n for n, day in enumerate(judged.instance.days)}
        return Known(
            len(claim.drug_lines),
            asked,
            UNJUDGED.code in speaking,
            [with_places(bill, places) for bill in bills],
            findings,
        )

    def _judged(
        self, form: NormalForm, instance: Instance, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> Judged:
        """An instance of a normal form, judged."""
        data, stands = instance.data, dict(zip(form.days, instance.days, strict=True))
        created = stands[written(header.created)].decode() if header.created else ""
        nobody = header._replace(created=day_of(created), billing_npi="", payer_id="")
        alike = piece._replace(
            data=data, start=0, end=len(data), line=1, line_start=0, segment=1, claim=1, claim_name=""
        )
        claim = Claim(alike, self._formulary, nobody, profile)
        return Judged(instance, claim, judge(claim, rules))


def _keep(known: dict[_Key, _T], key: _Key, one: _T) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = one


def _iso(day: bytes) -> str:
    return f"{day[:4].decode()}-{day[4:6].decode()}-{day[6:].decode()}"
