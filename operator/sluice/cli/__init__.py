"""`sluice` and `kubectl sluice`: what people run, and the scripts that write generated files."""
