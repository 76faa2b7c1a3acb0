"""Scoring on a Ray cluster through Daft. Everything after it is the same code as without one."""
