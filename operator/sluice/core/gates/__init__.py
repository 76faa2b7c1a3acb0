"""Gates × evaluation result → verdicts. Decided on confidence bounds, and closed: only what is proved passes."""
