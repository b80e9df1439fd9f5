"""NDC: the National Drug Code of loop 2410."""

DAYS = ()  # on which a rule in this folder changes what it finds: see `rule`
