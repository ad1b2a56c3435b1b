"""The graph over HTTP: a SPARQL endpoint, IRIs that answer, and pages that need no JavaScript.

`running.serve` starts it; `app.create_app` gives the ASGI application. Nothing is imported here, so that a
worker process, which needs Oxigraph only, starts fast.
"""
