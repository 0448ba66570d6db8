"""From a text to its questions: what surrounds them is taken off, the rest is read, weighed and checked."""
