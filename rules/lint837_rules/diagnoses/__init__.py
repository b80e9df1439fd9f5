"""DIA: diagnoses. For every claim."""
