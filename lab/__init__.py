"""A throwaway real Kubernetes cluster on this machine: `python -m lab --help`."""
