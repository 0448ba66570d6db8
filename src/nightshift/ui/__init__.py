"""The web page: a question, the answer, and the evidence as tables and charts.

It speaks HTTP to the API and imports nothing else of the product, so it runs wherever the API can be reached.
`server.run(port, api_url)` starts it.
"""
