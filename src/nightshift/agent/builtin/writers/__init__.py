"""Writers: one for each kind of question. The result comes first, then the evidence, the gaps and the next step."""
