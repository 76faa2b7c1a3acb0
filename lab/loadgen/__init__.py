"""The load generator: real clients' view of a rollout. `python -m lab.loadgen --help`."""
