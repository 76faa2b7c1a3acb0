"""Live analysis: raw counter samples become exposures, exposures become evidence, evidence becomes a verdict.

`engine.advance` is the way in. Everything is a pure function of samples and settings; state is a small value.
"""
