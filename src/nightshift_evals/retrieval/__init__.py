"""How well runbooks are found: questions over two corpora, with and without an answer, and plain searches beside."""
