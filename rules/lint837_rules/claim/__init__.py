"""CLM: the claim as a whole."""

DAYS = ()  # on which a rule in this folder changes what it finds: see `rule`
