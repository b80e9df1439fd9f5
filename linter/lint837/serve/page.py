"""The page as one document: markup, style and script, and the policy that lets a browser use nothing else."""

import base64
import hashlib
from importlib.resources import files

from lint837.report.html.style import SHEET


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
PAGE = _part("page.html").replace("/* style */", _STYLE).replace("/* script */", _SCRIPT)
