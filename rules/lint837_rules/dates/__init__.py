"""DOS: the date of service."""

DAYS = ()  # on which a rule in this folder changes what it finds: see `rule`
