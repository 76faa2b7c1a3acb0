"""A stand-in for Seldon Core v1's controller, webhook and executor, for the lab and its tests.

Seldon's own images cannot be had offline. What a rollout can see of them is imitated here, fact by fact.
"""
