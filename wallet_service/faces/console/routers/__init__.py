"""One module per page of the console; each has `router`. Thin, as the wallet's."""
