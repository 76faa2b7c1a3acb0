"""All metrics of one candidate at one look: what each of them says, and what they come to together."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log
from operator import itemgetter

from sluice.api.verdict import Verdict
from sluice.core.analysis.engine import Context, Course, Sightings, take, unread, verdict_on
from sluice.core.analysis.evidence import Evidence
from sluice.core.analysis.frozen import frozen
from sluice.core.analysis.mixture import log_sum
from sluice.core.analysis.samples import Series
from sluice.core.analysis.settings import Settings
from sluice.core.analysis.state import State
from sluice.core.analysis.verdict import MetricVerdict, together


@frozen
class Panel:
    """The outcome, by the metric's name."""

    states: Mapping[str, State]
    verdicts: Mapping[str, MetricVerdict]
    verdict: Verdict
    """Over all of them."""


def look(
    states: Mapping[str, State], read: Mapping[str, Sequence[Series] | str], contexts: Mapping[str, Context]
) -> Panel:
    """Take in what was read of each metric that has a context; a text says why nothing was, and the state stays.

    A metric without a state begins now, and one that is not among `read` has no samples.
    """
    sightings = Sightings()
    courses, verdicts = {}, {}
    for name, context in contexts.items():
        state, found = states.get(name, State()), read.get(name, ())
        problem = found if isinstance(found, str) else ""
        course = unread(state, context) if isinstance(found, str) else take(state, found, context, sightings)
        courses[name], verdicts[name] = course, verdict_on(course, problem)
    verdict = Verdict.FAIL if convicted(list(courses.values())) else together(list(verdicts.values()))
    return Panel({name: course.after for name, course in courses.items()}, verdicts, verdict)


def convicted(courses: Sequence[Course]) -> bool:
    """Return whether the metrics are guilty together: by their evidence, averaged by their parts of alpha.

    The average is taken whenever rounds have ended, in order of time: how many are read at once makes no difference.
    Rounds that end at once are taken in at once, for what one metric shows may go with what another does.
    """
    settings = [course.context.settings for course in courses]
    if len(courses) < 2:  # noqa: PLR2004 -- one alone has nobody to be guilty with
        return False
    wanted = -log(settings[0].alpha)
    most = [max(one.against for one in _evidence(course)) for course in courses]
    if log_sum([log(one.share) + height for one, height in zip(settings, most, strict=True)]) < wanted:
        return False
    now = [course.before.evidence for course in courses]
    if _grave(now, settings) >= wanted:
        return True
    rounds = [(state.end or 0.0, place, state) for place, course in enumerate(courses) for _, state in course.taken]
    for _, ended in groupby(sorted(rounds, key=itemgetter(0)), key=itemgetter(0)):
        for _, place, state in ended:
            now[place] = state.evidence
        if _grave(now, settings) >= wanted:
            return True
    return False


def _evidence(course: Course) -> Sequence[Evidence]:
    return [course.before.evidence, *[state.evidence for _, state in course.taken]]


def _grave(evidence: Sequence[Evidence], settings: Sequence[Settings]) -> float:
    """Return ln of the average, counting what matters in each metric."""
    return log_sum([log(one.share) + found.grave(one) for one, found in zip(settings, evidence, strict=True)])
