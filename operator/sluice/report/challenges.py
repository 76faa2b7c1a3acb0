"""A challenge set on a page: how many cases fail, and which ones; of hidden ones only how many."""

from collections.abc import Mapping

from sluice.api.challenge_result import ChallengeInfo, FailedCases
from sluice.core.timeline import printable
from sluice.report.asked_cases import AskedCase
from sluice.report.pages import plain, section, tied

_MOST_CASES = 20


def challenge(asked: ChallengeInfo, cases: Mapping[str, AskedCase]) -> str:
    """Return the part of a page about a challenge set; `cases` are those that may be shown, by name."""
    new = () if asked.newly_failed is None else asked.newly_failed.ids
    ids = [*new, *(one for one in asked.failed.ids if one not in new)][:_MOST_CASES]
    items = "".join(_case(one, cases.get(one), new=one in new) for one in ids)
    rest = asked.failed.visible - len(ids)
    more = f'<p class="soft">And {rest:,} more.</p>' if ids and rest else ""
    listed = f'<ul class="items">{items}</ul>{more}' if ids else ""
    return section(f"Challenge set {printable(asked.name)}", f"<p>{tied(_counted(asked))}</p>{listed}")


def _counted(asked: ChallengeInfo) -> str:
    hidden = f", {asked.hidden:,} of them hidden" if asked.hidden else ""
    what = f"{asked.set_name}, version {asked.set_version}: {asked.cases:,} cases{hidden}"
    if asked.repeats > 1:
        what += f", each asked {asked.repeats} times and passed with a share of {asked.min_pass_rate} right"
    return f"{what}. {_failing(asked)}"


def _failing(asked: ChallengeInfo) -> str:
    if not _total(asked.failed):
        return "The candidate passes all."
    new = asked.newly_failed
    before = "" if new is None else f", and newly {_number(new)}: those the champion passes"
    return f"The candidate fails {_number(asked.failed)}{before}."


def _total(failed: FailedCases) -> int:
    return failed.visible + failed.hidden


def _number(failed: FailedCases) -> str:
    return f"{_total(failed):,}" + (f" ({failed.hidden:,} hidden)" if failed.hidden else "")


def _case(name: str, asked: AskedCase | None, *, new: bool) -> str:
    kind = '<b class="bad">newly failed</b>' if new else "<b>failed</b>"
    return f"<li><small>{plain(name)}: {kind}</small>{'' if asked is None else f'<br>{_told(asked)}'}</li>"


def _told(asked: AskedCase) -> str:
    expected = f"expected {plain(asked.expected)}"
    if asked.repeats == 1:
        return expected
    champion = "" if asked.champion_right is None else f"the champion {asked.champion_right}, "
    return f"{expected}; right of {asked.repeats}: {champion}the candidate {asked.candidate_right}"
