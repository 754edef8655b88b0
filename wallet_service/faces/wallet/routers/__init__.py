"""One module per subject; each has `router`. Thin: reads the request, calls a service, shapes the answer."""
