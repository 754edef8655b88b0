"""The faces people meet: the wallet's API and pages, the console, the public page.

The only place that imports FastAPI.
"""
