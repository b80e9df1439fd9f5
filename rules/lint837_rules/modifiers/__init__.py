"""MOD: the discard modifiers JW and JZ."""

from datetime import date

JZ_REQUIRED = date(2023, 7, 1)  # the first date of service that needs JZ where nothing was discarded
DAYS = (JZ_REQUIRED,)  # on which a rule in this folder changes what it finds: see `rule`
