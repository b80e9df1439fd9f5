"""QTY: the billed units against the NDC quantity."""
