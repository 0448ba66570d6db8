"""Questions that lean on the answer before: which parts they leave out, and where those come from."""
