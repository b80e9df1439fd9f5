"""Coverage-guided fuzzing of the reader and of the whole lint (`make fuzz`)."""
