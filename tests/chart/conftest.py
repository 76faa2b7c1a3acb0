"""Fixtures of the chart's tests."""

from tests.support.apiserver import api_server

__all__ = ["api_server"]
