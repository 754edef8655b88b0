// Written by `.venv/bin/python -m scripts.docs.events` from the code; do not edit.

/** What the point of sale pushes to its pages. */
export const SCREEN_KINDS = ["connection", "refund", "refused", "sale", "stream"];
