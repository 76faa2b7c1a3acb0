"""Requests and failures of both arms: over one round, and summed up with what the stable arm's rate let expect."""

from sluice.core.analysis.frozen import frozen


@frozen
class Counts:
    """Exposures and bad events of candidate and stable over the same stretch of time."""

    candidate_failures: float = 0.0
    candidate_requests: float = 0.0
    stable_failures: float = 0.0
    stable_requests: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.candidate_failures + other.candidate_failures,
            self.candidate_requests + other.candidate_requests,
            self.stable_failures + other.stable_failures,
            self.stable_requests + other.stable_requests,
        )

    @property
    def comparable(self) -> bool:
        """Whether both arms served: without one of them a round says nothing about their ratio."""
        return self.candidate_requests > 0 and self.stable_requests > 0

    @property
    def share(self) -> float:
        """The candidate's share of requests; 0 without requests."""
        requests = self.candidate_requests + self.stable_requests
        return self.candidate_requests / requests if requests else 0.0

    @property
    def candidate_rate(self) -> float:
        """The candidate's share of failures; 0 without requests."""
        return self.candidate_failures / self.candidate_requests if self.candidate_requests else 0.0

    @property
    def stable_rate(self) -> float:
        """The stable arm's share of failures; 0 without requests."""
        return self.stable_failures / self.stable_requests if self.stable_requests else 0.0

    @property
    def others(self) -> "Counts":
        """The same requests, and of those the ones that did not fail."""
        return Counts(
            self.candidate_requests - self.candidate_failures,
            self.candidate_requests,
            self.stable_requests - self.stable_failures,
            self.stable_requests,
        )

    @property
    def bounded(self) -> "Counts":
        """No more failures than requests: two counters are not read in the same instant."""
        return Counts(
            min(self.candidate_failures, self.candidate_requests),
            self.candidate_requests,
            min(self.stable_failures, self.stable_requests),
            self.stable_requests,
        )

    def scaled(self, factor: float) -> "Counts":
        """Return as many times the counts."""
        return Counts(
            self.candidate_failures * factor,
            self.candidate_requests * factor,
            self.stable_failures * factor,
            self.stable_requests * factor,
        )


@frozen
class Tally:
    """What the candidate did against what the stable arm's rate, round by round, let expect of it.

    Summed by round, so that moving weights and a moving baseline do not bias it as pooled totals would.
    """

    requests: float = 0.0
    observed: float = 0.0
    expected: float = 0.0
    squares: float = 0.0
    """The variance of `expected`, for events that come one by one."""

    def add(self, counts: Counts) -> "Tally":
        """Add a round; one that is not comparable adds nothing."""
        if not counts.comparable:
            return self
        times = counts.candidate_requests / counts.stable_requests
        return Tally(
            self.requests + counts.candidate_requests,
            self.observed + counts.candidate_failures,
            self.expected + counts.stable_failures * times,
            self.squares + counts.stable_failures * times * times,
        )

    def less(self, before: "Tally") -> "Tally":
        """Return what came since another tally."""
        return Tally(
            self.requests - before.requests,
            self.observed - before.observed,
            self.expected - before.expected,
            self.squares - before.squares,
        )

    @property
    def excess(self) -> float:
        """Failures per request beyond the expected ones."""
        return (self.observed - self.expected) / self.requests if self.requests else 0.0

    @property
    def ratio(self) -> float | None:
        """Observed over expected failures; None when none were expected."""
        return self.observed / self.expected if self.expected else None

    def worse(self, ratio: float, excess: float) -> bool:
        """Return whether the candidate looks worse by `excess`, and by `ratio` in bad events or in good ones."""
        if self.excess < excess:
            return False
        bad = self.observed >= ratio * self.expected
        return bad or self.requests - self.expected >= ratio * (self.requests - self.observed)
