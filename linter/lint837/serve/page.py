"""The page as one document: markup, style and script, and the policy that lets a browser use nothing else."""

import base64
import hashlib
import re
from importlib.resources import files

from lint837.report.html.style import SHEET
from lint837.serve.session import LARGEST


def _part(name: str) -> str:
    return (files("lint837.serve") / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_STYLE = SHEET + _part("page.css")
_SCRIPT = _part("page.js")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_digest(_STYLE)}'; script-src 'sha256-{_digest(_SCRIPT)}'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PARTS = {
    "/* style */": _STYLE,
    "/* script */": _SCRIPT,
    "LARGEST": str(LARGEST),
    "MEGABYTES": str(LARGEST // 1024 // 1024),
}
PAGE = re.sub("|".join(map(re.escape, _PARTS)), lambda part: _PARTS[part[0]], _part("page.html"))
