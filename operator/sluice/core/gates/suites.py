"""What a suite came to: all cases pass, or the first that does not is named. What ran nothing is no pass."""

from sluice.api.evaluation_result import EvaluationResult
from sluice.api.plan import Evaluation
from sluice.api.suite import Suite
from sluice.api.suite_result import CaseOutcome, SuiteCase, SuiteResult
from sluice.api.verdict import Verdict
from sluice.core.gates.evidence import other_bytes
from sluice.core.gates.finding import Finding, GateReason, Numbers

_MOST_NAMED = 3


def suite_finding(suite: Suite, evaluation: Evaluation, result: EvaluationResult) -> Finding:
    """Return what a suite came to on this result."""
    ran = result.suite(suite.name)
    if ran is None:
        return Finding(Verdict.ERROR, GateReason.METRIC_MISSING, "the suite is missing from the result")
    return _mismatch(suite, evaluation, result, ran) or _outcome(ran)


def _mismatch(suite: Suite, evaluation: Evaluation, result: EvaluationResult, ran: SuiteResult) -> Finding | None:
    """Return how what ran differs from what the plan pins; None when it does not."""
    parts = (("kind", "kind"), ("file", "digest"), ("data set", "dataset"), ("subject", "about"))
    other = next((word for word, name in parts if getattr(ran, name) != getattr(suite, name)), "")
    if other:
        text = f"the result holds another {other} under this suite's name than the plan pins"
        return Finding(Verdict.ERROR, GateReason.SUITE_MISMATCH, text)
    if suite.dataset is not None and other_bytes(suite.dataset, evaluation, result):
        text = f"data set {suite.dataset} that was looked at is not the one that the plan pins"
        return Finding(Verdict.ERROR, GateReason.DATASET_MISMATCH, text)
    return None


def _outcome(ran: SuiteResult) -> Finding:
    """Failed cases are proof, whatever else went wrong; without one, whatever went wrong is an error."""
    numbers = _numbers(ran)
    if ran.failed:
        text = f"{ran.failed:,} of {_cases(ran.judged)} failed: {_named(ran, CaseOutcome.FAILED, ran.failed)}"
        return Finding(Verdict.FAIL, GateReason.CASES_FAILED, text, numbers)
    if ran.error:
        return Finding(Verdict.ERROR, GateReason.SUITE_BROKEN, ran.error, numbers)
    if ran.errors:
        what = _named(ran, CaseOutcome.ERROR, ran.errors)
        text = f"{ran.errors:,} of {_cases(ran.judged)} could not be looked at: {what}"
        return Finding(Verdict.ERROR, GateReason.SUITE_BROKEN, text, numbers)
    if not ran.passed:
        return Finding(Verdict.ERROR, GateReason.SUITE_BROKEN, _nothing(ran), numbers)
    skipped = f", {ran.skipped:,} skipped" if ran.skipped else ""
    return Finding(Verdict.PASS, GateReason.CASES_PASSED, f"{_cases(ran.passed)} passed{skipped}", numbers)


def _nothing(ran: SuiteResult) -> str:
    if not ran.skipped:
        return "it has no case"
    what = "its only case was" if ran.skipped == 1 else f"all {ran.skipped:,} cases were"
    return f"{what} skipped: {_named(ran, CaseOutcome.SKIPPED, ran.skipped)}"


def _numbers(ran: SuiteResult) -> Numbers | None:
    if not ran.judged:
        return None
    return Numbers(estimate=f"{ran.passed:,} of {ran.judged:,}", bound="", threshold="all", n=ran.judged)


def _named(ran: SuiteResult, outcome: CaseOutcome, total: int) -> str:
    """Return the first cases of an outcome with their messages, and how many more there are."""
    shown = [_told(case) for case in ran.cases if case.outcome is outcome][:_MOST_NAMED]
    rest = total - len(shown)
    return "; ".join(shown) + (f"; and {rest:,} more" if rest > 0 else "")


def _told(case: SuiteCase) -> str:
    return f"{case.name}: {case.message}" if case.message else case.name


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count:,} cases"
