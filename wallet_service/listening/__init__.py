"""How both programs listen: who a request comes from, what a connection may cost, how often one may try."""
