"""Elements of a page: whatever text they are made of, it cannot become markup, and is inert."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

from lint837.report.phrases import inert


class Inert(str):
    """A part of a text that was made inert as a whole."""

    __slots__ = ()


Child = str | Element | Iterable[str | Element]


def element(tag: str, /, *children: Child, **attributes: str) -> Element:
    """An element. Every text and every attribute that the page holds is made here, and made inert here: nothing that a
    claim holds can become markup. `class_` is the attribute class, `aria_label` aria-label.
    """
    made = Element(tag)
    for key, value in attributes.items():
        made.set(key.rstrip("_").replace("_", "-"), inert(value))
    for child in children:
        for part in [child] if isinstance(child, str | Element) else child:
            if not isinstance(part, str):
                made.append(part)
                continue
            text = part if isinstance(part, Inert) else inert(part)
            if len(made):
                made[-1].tail = (made[-1].tail or "") + text
            else:
                made.text = (made.text or "") + text
    return made


def term(tag: str, name: str, value: Child, **attributes: str) -> Element:
    """A term and its value, within an element."""
    given = {key: text for key, text in attributes.items() if text}
    return element(tag, element("dt", name), element("dd", value), **given)


def written(one: Element) -> str:
    """An element as HTML."""
    return tostring(one, encoding="unicode", method="html")
