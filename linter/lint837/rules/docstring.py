"""The docstring of a function, which is a rule's title and documentation. Python drops it with -OO or PYTHONOPTIMIZE=2;
the source still has it.
"""

import inspect
import sys
from collections.abc import Callable


class NoSourceError(Exception):
    """Python dropped the docstring, and there is no source to read it from."""


def docstring(function: Callable[..., object]) -> str:
    """The docstring without its indentation, "" for none. Raises NoSourceError."""
    text = function.__doc__
    if text is None and sys.flags.optimize >= 2:
        import ast
        import textwrap

        try:
            [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
        except (OSError, SyntaxError):
            raise NoSourceError from None
        if isinstance(definition, ast.FunctionDef):
            text = ast.get_docstring(definition)
    return inspect.cleandoc(text or "").strip()
