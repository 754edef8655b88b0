"""The console's origin: where officers and the Region watch and decide."""
