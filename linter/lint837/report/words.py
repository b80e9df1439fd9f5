"""What the formats say alike: text made inert, payers and places in words, sentences, addresses of files."""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

from lint837.files.inputs import STANDARD_INPUT
from lint837.lint.finding import HASHED, Finding
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
_COMMAND = re.compile(r"(\A *):(?=:)|(#)#(?=\w*\[)")


def inert(text: str) -> str:
    """Text with everything that a terminal, a log or a page could act on, or that could hide, made visible by its code
    point: control characters, line ends, bidirectional overrides, bytes that are no text, the mark of a command to a CI
    service.
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if "::" in text or "##" in text:
        return _COMMAND.sub(lambda mark: f"{mark[2]}\\x23" if mark[2] else f"{mark[1]}\\x3a", text)
    return text


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


def claim_name(finding: Finding) -> str:
    """Such as "claim HCO-25-0203"; its ordinal, "claim 3" or "claim 3, hash:...", where the number is redacted; ""
    outside a claim.
    """
    if finding.claim_ordinal is None:
        return ""
    if _is_redacted(finding):
        return ", ".join(filter(None, [f"claim {finding.claim_ordinal}", inert(finding.claim or "")]))
    return f"claim {inert(finding.claim or '') or '(no number)'}"


def claim_among(finding: Finding, claims: int) -> tuple[str, str]:
    """A claim among those of its file: such as "claim HCO-25-0203" and " (1 of 4)"; redacted "claim 1" and " of 4"."""
    name = claim_name(finding)
    if _is_redacted(finding):
        first, comma, hashed = name.partition(", ")
        return first, f" of {claims:,}{comma}{hashed}"
    return name, f" ({finding.claim_ordinal} of {claims:,})"


def _is_redacted(finding: Finding) -> bool:
    return finding.claim is None or finding.claim.startswith(HASHED)


def line_name(finding: Finding) -> str:
    """Such as "line 1", by LX01; "" outside a service line."""
    return f"line {inert(finding.service_line)}" if finding.service_line else ""


def place(finding: Finding) -> str:
    """Such as "claim HCO-25-0203, line 1, SV101-2"; "" for a finding on the file."""
    return ", ".join(filter(None, [claim_name(finding), line_name(finding), inert(finding.element)]))


def sentence(finding: Finding) -> str:
    """What is wrong, and how to correct it, as one line."""
    said = inert(finding.message) + (" (incomplete)" if finding.incomplete else "")
    return f"{said} Fix: {inert(finding.correction)}." if finding.correction else said


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
    """Where in a text the highlight stands, never outside it."""
    start = min(max(highlight[0], 0), len(text))
    return start, min(max(highlight[1], start), len(text))


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """For each finding of several files a fingerprint that no other has: of its path, its own, and its number among
    those that are alike.
    """
    seen: Counter[tuple[str, str]] = Counter()
    unique = []
    for finding in findings:
        key = (finding.path, finding.fingerprint)
        seen[key] += 1
        text = "|".join([*key, str(seen[key])])
        unique.append(hashlib.sha256(_bytes(text)).hexdigest()[:32])
    return unique


def left_out(shown: int, total: int) -> str:
    """What a report says that holds at most so many findings; "" where none is left out."""
    if shown == total:
        return ""
    return f"{shown:,} of {counted(total, 'finding')} are here, the worst first; the others are left out."
