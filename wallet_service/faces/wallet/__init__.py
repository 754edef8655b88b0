"""The wallet's origin: its API under /v1 and its pages."""
