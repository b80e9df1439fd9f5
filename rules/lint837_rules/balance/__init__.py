"""BAL, COB: amounts that must add up, and what earlier payers decided. For every claim."""
