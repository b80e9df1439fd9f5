"""The known word that a mistyped one may mean: a key, a rule, a drug, a command."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """A question to append to an error, such as "; did you mean select?"; "" where no known word is close."""
    import difflib  # only an error needs it; start-up time is a feature

    by_case = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_case, 1)
    return f"; did you mean {by_case[close[0]]}?" if close else ""
