"""Figures, measured and written into docs/explanation: reaction, reconcile, running, demo, analysis. Never tests."""
