"""What a payer wants of its own: a PayerProfile, and which claims it is for, by NM109 or SBR09."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

VERDICTS = ("off", "on", "info", "warning", "error")  # what a profile may say of a rule; a severity turns it on


class ProfileError(ValueError):
    """Profiles that cannot be used together; the text says which, and why."""


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """What is known of a payer. A rule may read it of any claim: None, and no name, where nothing is said.

    payer_ids: NM109 of the payer; filing_codes: SBR09; where both are given, both must be the claim's. rules: a word of
    VERDICTS by a rule's code; ndc_units: CTP05-1 that it takes; ndc_required: whether a drug line needs an NDC;
    discard_modifier_required: whether it needs JW or JZ; sources: where that is said. `title` is how it is told.
    """

    name: str = ""
    title: str = ""
    payer_ids: tuple[str, ...] = ()
    filing_codes: tuple[str, ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    ndc_units: tuple[str, ...] | None = None
    ndc_required: bool | None = None
    discard_modifier_required: bool | None = None
    sources: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """How a sentence names the payer."""
        return self.title or self.name


UNKNOWN_PAYER = PayerProfile()


class Profiles:
    """The profiles of a run. What one says of a payer id goes before what one says of a claim filing code."""

    def __init__(self, profiles: Iterable[PayerProfile] = ()) -> None:
        """Raises ProfileError where two have one name, or are for the same claims."""
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
                        raise ProfileError(f"{other.name} and {profile.name} are both for {which}")

    def __bool__(self) -> bool:
        return bool(self._by)

    def of(self, payer_id: str, filing_code: str) -> PayerProfile:
        """The profile for a claim's NM109 and SBR09."""
        payer_id, filing_code = payer_id.upper(), filing_code.upper()
        for key in ((payer_id, filing_code), (payer_id, ""), ("", filing_code)):
            # A claim that lacks the element is nobody's: ("", "") is no key.
            found = self._by.get(key) if any(key) else None
            if found:
                return found
        return UNKNOWN_PAYER


NO_PROFILES = Profiles()
