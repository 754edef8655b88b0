"""Figures of what circulates and who holds it. Reads only; decides nothing."""
