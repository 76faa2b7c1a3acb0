"""Figures, measured and written into docs/explanation/figures.md: reaction, reconcile, demo. Never tests."""
