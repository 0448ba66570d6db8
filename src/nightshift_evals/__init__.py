"""Questions with known answers, put to the product in a lab whose faults are known, and an honest score.

Nothing of the product and nothing of the lab is imported here: both are started as processes and spoken to over HTTP,
so that a misreading in either cannot hide in the judge.
"""
