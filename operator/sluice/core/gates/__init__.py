"""Verdicts on evaluation results: decided on confidence bounds, and closed, so that only what is proved passes."""
