"""MOD: the discard modifiers JW and JZ."""
