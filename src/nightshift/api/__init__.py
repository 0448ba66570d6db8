"""The HTTP face: questions in, answers with evidence out, on loopback unless a key guards the door.

`server.serve(settings)` runs it, `app.create_app(…)` builds it from ready parts. `docs/api.md` describes the endpoints.
"""
