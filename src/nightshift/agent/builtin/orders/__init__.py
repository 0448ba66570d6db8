"""Orders: what a text wants changed, and of what, in any of the forms in which people say so."""
