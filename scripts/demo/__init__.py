"""The demonstration: a small fictional Normandy, started and watched over with one command."""
