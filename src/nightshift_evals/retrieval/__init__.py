"""How well runbooks are found: questions over three corpora, with and without an answer, and plain searches beside."""
