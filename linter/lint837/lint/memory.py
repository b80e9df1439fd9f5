"""What was said of a claim is remembered for those that bill the same in the same way.

The rules judge the normal form of a claim, which holds no person, number or day. Which of them have something to say
holds for every claim with this normal form, so only these run on the claim itself. A rule that may read more than the
normal form holds runs on every claim.
"""

from collections.abc import Sequence
from typing import NamedTuple

from lint837.claims.claim import Claim
from lint837.claims.header import Header
from lint837.claims.normal_form import NormalForm, NormalForms, written
from lint837.claims.segment import day_of
from lint837.facts.formulary import Formulary
from lint837.facts.payers import PayerProfile
from lint837.lint.asked import Rules
from lint837.lint.judgment import UNJUDGED, judge
from lint837.lint.repeats import Bill, bills_of, with_places
from lint837.rules.rule import Rule
from lint837.x12.slices import Slice

_REMEMBERED = 16_384  # normal forms, of about half a KiB each


class Recalled(NamedTuple):
    """What is known of a claim by its normal form.

    drug_lines: how many it has. rules: those that have something to say of it, or may have. unjudged: whether it
    mentions a drug where nothing judges it. bills: what its drug lines bill.
    """

    drug_lines: int
    rules: Rules
    unjudged: bool
    bills: Sequence[Bill]


_Known = dict[tuple[object, ...], Recalled | None]


class Memory:
    """Remembers what was said of the normal forms of claims on which the same rules run."""

    def __init__(self, formulary: Formulary, rules: Sequence[Rule]) -> None:
        """`rules`: all that run on any of the claims."""
        self._formulary = formulary
        pure = [rule for rule in rules if rule.days is not None]
        texts = [text for rule in pure for text in rule.prefilter or ()]
        self._forms = NormalForms(
            formulary,
            (day for rule in pure for day in rule.days or ()),
            None if any(rule.prefilter is None for rule in pure) else texts,
        )
        self._known: _Known = {}
        self._outlined: _Known = {}  # by the outlines of claims that have one, which are made sooner

    def recall(
        self, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> tuple[Recalled, Sequence[bytes]] | None:
        """What is known of a claim on which `rules` are run, and its days; None where it must be judged as it is: it is
        not written in the usual way, or a rule failed.
        """
        outline = self._forms.outline(piece, header, profile.name)
        if outline and outline.key in self._outlined:
            known, days = self._outlined[outline.key], outline.days
        else:
            form = self._forms.of(piece, header, profile.name)
            if form is None:
                return None
            known, days = self._recalled(form, piece, header, profile, rules), form.days
            if outline:
                _keep(self._outlined, outline.key, known)
        return (known, days) if known else None

    def _recalled(
        self, form: NormalForm, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> Recalled | None:
        try:
            return self._known[form.key]
        except KeyError:
            return _keep(self._known, form.key, self._judge(form, piece, header, profile, rules))

    def _judge(
        self, form: NormalForm, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> Recalled | None:
        data, normal = form.data(), dict(zip(form.days, form.normal_days(), strict=True))
        created = normal[written(header.created)].decode() if header.created else ""
        nobody = header._replace(created=day_of(created), billing_npi="", payer_id="")
        alike = piece._replace(
            data=data, start=0, end=len(data), line=1, line_start=0, segment=1, claim=1, claim_name=""
        )
        claim = Claim(alike, self._formulary, nobody, profile)
        pure = rules.pure
        judgment = judge(claim, pure)
        if judgment.failures:
            return None
        try:
            bills = bills_of(claim, pure.comparing)
        except Exception:  # noqa: BLE001 - whatever a rule raises is said of the claim itself
            return None
        found = [*judgment.found, *(one.found for one in judgment.yielded)]
        speaking = {one.rule.code for one in found}
        places = {_iso(day): n for n, day in enumerate(normal.values())}
        return Recalled(
            len(claim.drug_lines),
            rules.only(frozenset(rule.code for rule in rules.drugs if rule.days is None or rule.code in speaking)),
            UNJUDGED.code in speaking,
            [with_places(bill, places) for bill in bills],
        )


def _keep(known: _Known, key: tuple[object, ...], recalled: Recalled | None) -> Recalled | None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = recalled
    return recalled


def _iso(day: bytes) -> str:
    return f"{day[:4].decode()}-{day[4:6].decode()}-{day[6:].decode()}"
