"""Sluice gates the rollout of machine-learning models on Kubernetes."""
