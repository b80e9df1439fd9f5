"""Advice with alternatives: the mistakes that explain a problem, and what to change for each.

Only the biller knows what was given, so each alternative says under which condition it is right.
"""

from dataclasses import dataclass, field

from lint837 import Choice, Edit, Value


@dataclass(slots=True)
class Advice:
    """Causes and choices in the order of their sentences, and the values in these."""

    causes: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    values: dict[str, Value] = field(default_factory=dict)

    def offer(self, when: str, do: str, edits: tuple[Edit, ...] = (), *, cause: str = "", **values: Value) -> None:
        """Add a choice, with the cause that it undoes. `when` and `do` are templates over `values`."""
        number = len(self.choices)
        names = {name: f"{{{name}_{number}}}" for name in values}
        self.choices.append(Choice(when.format_map(names), do.format_map(names), edits))
        self.values |= {f"{name}_{number}": value for name, value in values.items()}
        self.causes += [cause] if cause else []

    @property
    def sentence(self) -> str:
        """The causes as a sentence, with a space before it; "" without causes."""
        text = ", or ".join(self.causes)
        return f" {text[0].upper()}{text[1:]}." if text else ""
