"""Phrases that the formats share: text made inert, payers and places in words, sentences, addresses of files."""

import hashlib
import os
import re
from collections import Counter
from urllib.parse import quote

from lint837.files.inputs import STANDARD_INPUT
from lint837.report.entry import HASHED, Entry
from lint837.rules.values import counted

# SBR09 in a biller's words; the others are shown as they are.
_FILING = {
    "11": "Other non-federal",
    "12": "PPO",
    "13": "POS",
    "14": "EPO",
    "16": "Medicare Advantage HMO",
    "AM": "Automobile medical",
    "BL": "Blue Cross/Blue Shield",
    "CH": "TRICARE",
    "CI": "Commercial",
    "DS": "Disability",
    "FI": "Federal employees",
    "HM": "HMO",
    "MA": "Medicare A",
    "MB": "Medicare B",
    "MC": "Medicaid",
    "OF": "Other federal",
    "TV": "Title V",
    "VA": "Veterans Affairs",
    "WC": "Workers' compensation",
}

# A CI service that reads a log carries out ::command:: at the beginning of a line, ##[command] and ##name[ anywhere.
_COMMAND = r"\A *:(?=:)|##(?=\w*\[)"


def inert(text: str) -> str:
    """Text with everything that a terminal, a log or a page could act on, or that could hide, made visible by its code
    point: control characters, line ends, bidirectional overrides, bytes that are no text, the mark of a command to a CI
    service.
    """
    if text.isprintable() and "::" not in text and "##" not in text:
        return text
    return "".join(inert_characters(text))


def inert_characters(text: str) -> list[str]:
    """The characters of a text, each as `inert` writes it: what a part of the text becomes is a part of this list.
    Never make a part of a text inert by itself: what begins a part need not begin the text.
    """
    characters = [c if c.isprintable() else c.encode("unicode_escape").decode() for c in text]
    for mark in re.finditer(_COMMAND, text):
        at = mark.end() - 1
        characters[at] = f"\\x{ord(text[at]):02x}"
    return characters


def payer(claim_filing_code: str, payer_id: str) -> str:
    """Such as "Medicare B, payer 04412"; "" where neither is known."""
    filing = _FILING.get(claim_filing_code, claim_filing_code)
    return inert(", ".join(filter(None, [filing, payer_id and f"payer {payer_id}"])))


def dollars(amount: str) -> str:
    """A plain decimal number as $16,410.00; any other text as it is."""
    if not re.fullmatch(r"[0-9]*\.?[0-9]*", amount, re.ASCII) or not amount.strip("."):
        return inert(amount)
    whole, _, cents = amount.partition(".")
    return f"${int(whole or 0):,}.{cents:0<2}"


def claim_name(entry: Entry) -> str:
    """Such as "claim HCO-25-0203"; its ordinal, "claim 3" or "claim 3, hash:...", where the number is redacted; ""
    outside a claim.
    """
    if entry.location.claim_ordinal is None:
        return ""
    if _is_redacted(entry):
        return ", ".join(filter(None, [f"claim {entry.location.claim_ordinal}", inert(entry.location.claim or "")]))
    return f"claim {inert(entry.location.claim or '') or '(no number)'}"


def claim_among(entry: Entry, claims: int) -> tuple[str, str]:
    """A claim among those of its file: such as "claim HCO-25-0203" and " (1 of 4)"; redacted "claim 1" and " of 4"."""
    name = claim_name(entry)
    if _is_redacted(entry):
        first, comma, hashed = name.partition(", ")
        return first, f" of {claims:,}{comma}{hashed}"
    return name, f" ({entry.location.claim_ordinal} of {claims:,})"


def claim_in_file(entry: Entry) -> tuple[str, str]:
    """A claim with its ordinal: such as "claim HCO-25-0203" and " (claim 1 in the file)"; redacted "claim 1" and ""."""
    name = claim_name(entry)
    if _is_redacted(entry):
        first, comma, hashed = name.partition(", ")
        return first, f"{comma}{hashed}"
    return name, f" (claim {entry.location.claim_ordinal:,} in the file)"


def _is_redacted(entry: Entry) -> bool:
    return entry.location.claim is None or entry.location.claim.startswith(HASHED)


def line_name(entry: Entry) -> str:
    """Such as "line 1", by LX01; "" outside a service line."""
    return f"line {inert(entry.location.service_line)}" if entry.location.service_line else ""


def place(entry: Entry) -> str:
    """Such as "claim HCO-25-0203, line 1, SV101-2"; "" for a finding on the file."""
    return ", ".join(filter(None, [claim_name(entry), line_name(entry), inert(entry.location.element)]))


def sentence(entry: Entry) -> str:
    """What is wrong, and how to correct it, as one line."""
    said = inert(entry.message) + (" (incomplete)" if entry.incomplete else "")
    return f"{said} Fix: {inert(entry.correction)}." if entry.correction else said


def address(path: str) -> str:
    """A path as a URI reference: forward slashes, everything else that is not plain percent-encoded."""
    posix = path.replace(os.sep, "/") if os.sep != "/" else path
    encoded = quote(_bytes(posix.removeprefix("./")), safe="/")
    return f"file://{encoded}" if posix.startswith("/") else encoded


def _bytes(path: str) -> bytes:
    """A path's bytes as the system has them; a code point that is no character is written out."""
    try:
        return path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace")


def file_name(path: str) -> str:
    """A path in words."""
    return "standard input" if path == STANDARD_INPUT else inert(path)


def span(text: str, highlight: tuple[int, int]) -> tuple[int, int]:
    """Where in a text the highlight is, never outside it."""
    start = min(max(highlight[0], 0), len(text))
    return start, min(max(highlight[1], start), len(text))


class UniqueFingerprints:
    """For each finding of several files a fingerprint that no other has: of its path, its own, and its number among
    those that are alike.
    """

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()  # by a digest: there may be many

    def of(self, entry: Entry) -> str:
        """The fingerprint of the next finding."""
        path, own = entry.location.path, entry.fingerprint
        key = hashlib.sha256(_bytes(f"{path}|{own}")).digest()[:12]
        self._seen[key] += 1
        return hashlib.sha256(_bytes(f"{path}|{own}|{self._seen[key]}")).hexdigest()[:32]


def left_out(shown: int, total: int) -> str:
    """What a report says that leaves findings out; "" where it leaves none out."""
    if shown == total:
        return ""
    return f"{shown:,} of {counted(total, 'finding')} are here, the worst first; the others are left out."
