"""Fixtures of the contract tests: real servers, started once a session."""

from tests.support.apiserver import api_server

__all__ = ["api_server"]
