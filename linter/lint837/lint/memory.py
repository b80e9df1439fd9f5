"""What was said of a claim is remembered for those that bill the same in the same way.

The rules judge the normal form of a claim, which holds no person, number or day. What they find holds for every claim
with this normal form, and is carried over where all of it is known (carried.py); else the rules that have something to
say run on the claim itself. A rule that may read more than the normal form holds runs on every claim.
"""

from collections.abc import Sequence
from typing import NamedTuple

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

_Key = tuple[object, ...]
_REMEMBERED = 16_384  # normal forms, of about half a KiB each
# Normal forms of which the findings are carried over, of about 5 KiB each; and after how many claims they are, since a
# normal form must then be judged twice more.
_CARRIED, _AFTER = 2048, 4


class Known(NamedTuple):
    """What is known of all claims with some normal form.

    drug_lines: how many they have. rules: those that have something to say of them, or may have. unjudged: whether
    they mention a drug where nothing judges it. bills: what their drug lines bill. findings: all that is to be said of
    them; None where the rules must say it. awaited: how many claims must come before that is found out; 0 if it was.
    """

    drug_lines: int
    rules: Rules
    unjudged: bool
    bills: Sequence[Bill]
    findings: Sequence[Carried] | None = None
    awaited: int = 0


class Recalled(NamedTuple):
    """What is known of a claim by its normal form; its days, as CCYYMMDD; the ordinals of its service lines that are in
    the form; and whether it has an outline.
    """

    known: Known
    days: Sequence[bytes]
    lines: Sequence[int]
    outlined: bool


class _Outlined(NamedTuple):
    """What is known of all claims with some outline: the key of their normal form; the ordinals of their service lines
    that are in it; and which of the outline's days are, none for all. A line that is left out may have another day.
    The numbers are small, and there are many outlines.
    """

    key: _Key
    lines: bytes
    days: bytes


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
        self._keys: dict[_Key, _Key] = {}  # of each key the one that is kept
        # By the outlines of claims that have one, which are made sooner.
        self._outlined: dict[_Key, _Outlined] = {}
        self._carried = 0

    def recall(self, piece: Slice, header: Header, profile: PayerProfile, rules: Rules) -> Recalled | None:
        """What is known of a claim on which `rules` are run; None where it must be judged as it is: it is not written
        in the usual way, or a rule failed.
        """
        recalled = self._recall(piece, header, profile, rules)
        if recalled or piece.context is None or b"\n" not in (piece.data or b""):
            return recalled
        # A hard-wrapped claim says what it says without its line breaks. Its lines cannot be found as usual.
        unwrapped = piece.context.delimiters.unwrapped(piece.data or b"")
        recalled = self._recall(piece._replace(data=unwrapped), header, profile, rules)
        return recalled._replace(outlined=False) if recalled else None

    def _recall(self, piece: Slice, header: Header, profile: PayerProfile, rules: Rules) -> Recalled | None:
        outline = self._forms.outline(piece, header, profile.name)
        outlined = self._outlined.get(outline.key) if outline else None
        lines: Sequence[int]
        if outline and outlined and outlined.key in self._known:
            key, lines, days = outlined
            own = [outline.days[n] for n in days] if days else outline.days
        else:
            form = self._forms.of(piece, header, profile.name)
            if form is None:
                return None
            key, lines, own = form.key, form.lines, form.days
            if key not in self._known:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                    self._keys.clear()
                    self._carried = 0
                self._known[key] = self._judge(form, piece, header, profile, rules)
            if outline:
                if len(self._outlined) >= _REMEMBERED:
                    self._outlined.clear()
                among = () if own == outline.days else map(outline.days.index, own)
                kept = self._keys.setdefault(key, key)
                self._outlined[outline.key] = _Outlined(kept, bytes(lines), bytes(among))
        known = self._known[key]
        if known and known.awaited:
            self._known[key] = known = self._awaited(known, piece, header, profile)
        return Recalled(known, own, lines, outline is not None) if known else None

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
        # A text is not remembered.
        carries = speaking and not form.has_texts and speaking.issuperset(rule.code for rule in asked.drugs)
        places = {_iso(day): n for n, day in enumerate(judged.instance.days)}
        return Known(
            len(claim.drug_lines),
            asked,
            UNJUDGED.code in speaking,
            [with_places(bill, places) for bill in bills],
            awaited=_AFTER if carries else 0,
        )

    def _awaited(self, known: Known, piece: Slice, header: Header, profile: PayerProfile) -> Known:
        """What is known after one more claim: with the findings that are carried over, if it is time for them."""
        if known.awaited > 1:
            return known._replace(awaited=known.awaited - 1)
        form = self._forms.of(piece, header, profile.name)
        other = form.other_instance() if form and self._carried < _CARRIED else None
        if form is None or other is None:
            return known._replace(awaited=0)
        self._carried += 1
        one, again = (
            self._judged(form, instance, piece, header, profile, known.rules) for instance in (form.instance(), other)
        )
        return known._replace(findings=carry(one, again, self._hidden), awaited=0)

    def _judged(
        self, form: NormalForm, instance: Instance, piece: Slice, header: Header, profile: PayerProfile, rules: Rules
    ) -> Judged:
        """An instance of a normal form, judged."""
        data, stands = instance.data, dict(zip(form.days, instance.days, strict=True))
        created = stands[written(header.created)].decode() if header.created else ""
        # Each of these is another in the second instance.
        at, name = (47, "47") if instance.lines_before else (1, "")
        nobody = header._replace(created=day_of(created), billing_npi=name, payer_id=name, is_test=bool(name))
        alike = piece._replace(
            data=data, start=at, end=at + len(data), line=at, line_start=at, segment=at, claim=at, claim_name=name
        )
        claim = Claim(alike, self._formulary, nobody, profile)
        return Judged(instance, claim, judge(claim, rules))


def _iso(day: bytes) -> str:
    return f"{day[:4].decode()}-{day[4:6].decode()}-{day[6:].decode()}"
