"""Whom a member pays and asks: their code, contacts, recent people, blocks."""
