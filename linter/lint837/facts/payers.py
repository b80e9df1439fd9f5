"""What a payer requires: a PayerProfile, and the claims it applies to, by NM109 or SBR09."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

VERDICTS = ("off", "on", "info", "warning", "error")  # what a profile may set a rule to; a severity turns it on


class ProfileError(ValueError):
    """Profiles that conflict. The text says which, and why."""


class PayerProfile(NamedTuple):
    """What a payer requires. Every claim has one; where nothing is known, its name is "" and the rest is None.

    title: how messages name the payer.
    payer_ids: NM109 of the payer. filing_codes: SBR09. Where both are given, a claim must match both.
    rules: one of VERDICTS by the code of a rule.
    ndc_units: the units of measure (CTP05-1) that it accepts.
    ndc_required: True if a drug line needs an NDC.
    discard_modifier_required: True if a drug line needs JW or JZ.
    sources: where the payer says so.
    """

    name: str = ""
    title: str = ""
    payer_ids: tuple[str, ...] = ()
    filing_codes: tuple[str, ...] = ()
    rules: Mapping[str, str] = {}
    ndc_units: tuple[str, ...] | None = None
    ndc_required: bool | None = None
    discard_modifier_required: bool | None = None
    sources: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How a message names the payer."""
        return self.title or self.name


UNKNOWN_PAYER = PayerProfile()


class Profiles:
    """The profiles of a run. One for a payer id has precedence over one for a claim filing code."""

    def __init__(self, profiles: Iterable[PayerProfile] = ()) -> None:
        """Raises ProfileError where two have the same name, or apply to the same claims."""
        self.all = tuple(profiles)
        self._by: dict[tuple[str, str], PayerProfile] = {}
        names: set[str] = set()
        for profile in self.all:
            if profile.name in names:
                raise ProfileError(f"two payers are named {profile.name}")
            names.add(profile.name)
            for payer_id in profile.payer_ids or ("",):
                for filing_code in profile.filing_codes or ("",):
                    key = (payer_id.upper(), filing_code.upper())
                    other = self._by.setdefault(key, profile)
                    if other is not profile:
                        which = " and ".join(filter(None, [payer_id, filing_code]))
                        raise ProfileError(f"{other.name} and {profile.name} both apply to {which}")

    def __bool__(self) -> bool:
        return bool(self._by)

    def of(self, payer_id: str, filing_code: str) -> PayerProfile:
        """The profile for a claim's NM109 and SBR09."""
        if not self._by:
            return UNKNOWN_PAYER
        payer_id, filing_code = payer_id.upper(), filing_code.upper()
        for key in ((payer_id, filing_code), (payer_id, ""), ("", filing_code)):
            # ("", "") is not a key: a claim without both elements has no profile.
            found = self._by.get(key) if any(key) else None
            if found:
                return found
        return UNKNOWN_PAYER


NO_PROFILES = Profiles()
