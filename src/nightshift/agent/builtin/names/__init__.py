"""Names in questions: which things of the inventory they stand for, and which words are names of nothing known."""
