"""How well runbooks are found: questions over five corpora, with and without an answer, and plain searches beside."""
