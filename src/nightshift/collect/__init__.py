"""Sources to facts: everything a sweep needs, each dataset once, with the joins between the systems.

`collector.Collector` makes a Snapshot, `live.Live` reads what one question needs now.
"""
