"""Suites of a plan: tests and expectations, each run in a process of its own, each case a result."""
