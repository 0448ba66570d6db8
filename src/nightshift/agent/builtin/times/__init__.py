"""Times in questions: which moment or span an expression stands for, in the zone of whoever asks."""
