"""QTY: the billed units against the NDC quantity."""

DAYS = ()  # on which a rule in this folder changes what it finds: see `rule`
