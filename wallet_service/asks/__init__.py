"""Asks for money and sends between people, which an ordinary signed payment ends."""
