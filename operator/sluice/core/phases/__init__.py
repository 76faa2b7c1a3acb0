"""One short module a phase: an ordered chain of small checks, the first that answers decides."""
