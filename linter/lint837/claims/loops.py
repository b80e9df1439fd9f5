"""The names of the loops of the 837P and the 837I, as in the guides 005010X222A1 and 005010X223A2."""

# By the header slice, or the loop of the guide, and NM101.
_BOTH = {
    ("st", ""): "Header",
    ("st", "41"): "1000A",
    ("st", "40"): "1000B",
    ("hl20", ""): "2000A",
    ("hl20", "85"): "2010AA",
    ("hl20", "87"): "2010AB",
    ("hl20", "PE"): "2010AC",
    ("hl22", ""): "2000B",
    ("hl22", "IL"): "2010BA",
    ("hl22", "PR"): "2010BB",
    ("hl23", ""): "2000C",
    ("hl23", "QC"): "2010CA",
    ("2320", "IL"): "2330A",
    ("2320", "PR"): "2330B",
}
_PROFESSIONAL = {
    ("2300", "DN"): "2310A",
    ("2300", "P3"): "2310A",
    ("2300", "82"): "2310B",
    ("2300", "77"): "2310C",
    ("2300", "DQ"): "2310D",
    ("2300", "PW"): "2310E",
    ("2300", "45"): "2310F",
    ("2320", "DN"): "2330C",
    ("2320", "P3"): "2330C",
    ("2320", "82"): "2330D",
    ("2320", "77"): "2330E",
    ("2320", "DQ"): "2330F",
    ("2320", "85"): "2330G",
    ("2400", "82"): "2420A",
    ("2400", "QB"): "2420B",
    ("2400", "77"): "2420C",
    ("2400", "DQ"): "2420D",
    ("2400", "DK"): "2420E",
    ("2400", "DN"): "2420F",
    ("2400", "P3"): "2420F",
    ("2400", "PW"): "2420G",
    ("2400", "45"): "2420H",
}
_INSTITUTIONAL = {
    ("2300", "71"): "2310A",
    ("2300", "72"): "2310B",
    ("2300", "ZZ"): "2310C",
    ("2300", "82"): "2310D",
    ("2300", "77"): "2310E",
    ("2300", "DN"): "2310F",
    ("2320", "71"): "2330C",
    ("2320", "72"): "2330D",
    ("2320", "ZZ"): "2330E",
    ("2320", "77"): "2330F",
    ("2320", "82"): "2330G",
    ("2320", "DN"): "2330H",
    ("2320", "85"): "2330I",
    ("2400", "72"): "2420A",
    ("2400", "ZZ"): "2420B",
    ("2400", "82"): "2420C",
    ("2400", "DN"): "2420D",
}
_OF_GUIDE = {"837P": _BOTH | _PROFESSIONAL, "837I": _BOTH | _INSTITUTIONAL}
ENTITIES = sorted({code for names in _OF_GUIDE.values() for _, code in names if code})  # NM101


_ENTITIES = {
    guide: {loop: code for (_, code), loop in reversed(names.items()) if code} for guide, names in _OF_GUIDE.items()
}


def entity_of_loop(loop: str, guide: str) -> str:
    """The code (NM101) of the name in a loop such as "2010AA"; "" where it has none."""
    return _ENTITIES.get(guide, {}).get(loop, "")


def name_of_loop(outer: str, entity: str = "", guide: str = "837P") -> str:
    """The name of a loop in a header slice such as "hl20" or a loop such as "2300": that of a name with a code (NM101),
    or its own; that of the outer one where the guide has no such name there.
    """
    names = _OF_GUIDE.get(guide, _BOTH)
    return names.get((outer, entity)) or names.get((outer, "")) or outer
