"""The free texts of a service line: whether they name a drug, and whether they are about it or only mention it.

No text is ever reported; only the words in it that name a drug are.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lint837.facts.drugs import Drug

# The words of a drug line. Nothing else may come before the name in a text that is about the drug.
_LINE_WORDS = frozenset(
    [
        "MG",
        "MCG",
        "G",
        "GM",
        "ML",
        "UNIT",
        "UNITS",
        "UN",
        "IV",
        "IVPB",
        "INTRAVENOUS",
        "INTRAVENOUSLY",
        "ROUTE",
        "INJ",
        "INJECTION",
        "INJECTABLE",
        "INFUSION",
        "VIAL",
        "VIALS",
        "VL",
        "KIT",
        "KITS",
        "SDV",
        "SINGLE",
        "DOSE",
        "DOSES",
        "USE",
        "POWDER",
        "LYOPHILIZED",
        "SOLUTION",
        "EACH",
        "EA",
        "PER",
        "STRENGTH",
        "DOSAGE",
        "BRAND",
        "GENERIC",
        "NOC",
        "NAME",
        "DRUG",
        "DRUGS",
        "NDC",
        "N",
    ]
)
_FILLERS = frozenset(
    [
        "SEE",
        "NOTE",
        "NOTES",
        "ATTACHED",
        "REMARKS",
        "UNCLASSIFIED",
        "UNLISTED",
        "NOT",
        "OTHERWISE",
        "CLASSIFIED",
        "BIOLOGIC",
        "BIOLOGICS",
        "ANTINEOPLASTIC",
        "CHEMO",
        "CHEMOTHERAPY",
        "CANCER",
        "WASTE",
        "DISCARDED",
        "OF",
        "FOR",
    ]
)
# Words that make the whole line one about something else, wherever they are.
_ANOTHER_MATTER = frozenset(["PREMED", "PREMEDS", "PREMEDICATION", "ADMIN", "ADMINISTRATION", "STABILIZER", "IVSS"])
_ANOTHER_DRUG = "[A-Z]+(?:MAB|TINIB|PLATIN)"
_AFTER_FOR = frozenset({"INJ", "INJECTION", "INFUSION", "IV"})
_NAME = "\0"  # in place of a name of the drug
_WORD = r"\0|(?:(?<![A-Z])[A-Z]\.)+[A-Z]?(?![A-Z])|[A-Z]+"


class Mention(NamedTuple):
    """A drug that the texts of a line name; `strong`: they are about it, and do not only mention it."""

    drug: Drug
    strong: bool


def mention(drug: Drug, texts: Sequence[str], codes: Iterable[str], description: str = "") -> Mention | None:
    """How the texts of a line name a drug, None where they do not. `codes`: the line's own code and the drug's, which
    do not count as words. `description`: SV101-7 or SV202-7; a name in the notes is weak where it describes another
    thing.
    """
    spans = [(text, drug.named.find(text)) for text in texts]
    naming = [(text, found) for text, found in spans if found]
    if not naming:
        return None
    words = [_words(text, drug, codes) for text in texts]
    another = any(_is_another_matter(word, drug) for one in words for word in one)
    described = bool(description) and not drug.named.find(description)
    aside = described and describes(description, drug, codes)
    strong = not another and not aside and any(_leads_to_name(one) for one in words if _NAME in one)
    return Mention(drug, strong)


def describes(text: str, drug: Drug, codes: Iterable[str]) -> bool:
    """Whether a text describes something other than the drug: it has a word that no drug line, name or note needs."""
    return any(word not in _LINE_WORDS and word not in _FILLERS and word != _NAME for word in _words(text, drug, codes))


def _words(text: str, drug: Drug, codes: Iterable[str]) -> list[str]:
    """The words of a text in capital letters, each name or NDC of the drug as one; without numbers and codes."""
    parts: list[str] = []
    at = 0
    for start, end, _ in drug.named.find(text):
        if start >= at:
            parts += text[at:start], f" {_NAME} "
            at = end
    upper = "".join([*parts, text[at:]]).upper()
    for code in codes:
        upper = re.sub(rf"(?<![A-Z0-9]){re.escape(code)}(?![A-Z0-9])", " ", upper)
    return [token.replace(".", "") for token in re.findall(_WORD, upper)]


def _leads_to_name(words: Sequence[str]) -> bool:
    """Whether nothing but words of a drug line comes before the first name."""
    before = words[: words.index(_NAME)]
    for number, word in enumerate(before):
        if word == "OF" and number:
            continue
        if word == "FOR" and [*before[number + 1 :], ""][0] in _AFTER_FOR:
            continue
        if word not in _LINE_WORDS:
            return False
    return True


def _is_another_matter(word: str, drug: Drug) -> bool:
    if word in _ANOTHER_MATTER or word in drug.companions:
        return True
    # The end of a name of the drug, which began in the note before, is no other drug.
    return bool(re.fullmatch(_ANOTHER_DRUG, word)) and not any(name.upper().endswith(word) for name in drug.names)
