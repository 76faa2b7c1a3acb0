"""Whether the slices of a result are all of them: a slice that was left out would hide behind the others."""

from sluice.api.evaluation_result import Measurement
from sluice.api.slices import SliceBy


def lacks(measured: Measurement) -> str:
    """Return what is missing from the slices, or too much; empty when they are whole."""
    columns = {by.column for by in measured.sliced_by}
    if any(part.column not in columns for part in measured.slices):
        return "the result holds slices that nobody asked for"
    return next((text for by in measured.sliced_by if (text := _lacks(measured, by))), "")


def _lacks(measured: Measurement, by: SliceBy) -> str:
    found = [part for part in measured.slices if part.column == by.column]
    names = tuple(part.name for part in found)
    if names != (by.names or names) or not names or len(set(names)) < len(names):
        return f"the result does not hold the slices by {by.column}, each once"
    items = sum(part.n for part in found)
    if items > measured.n or (items < measured.n and by.values is None):
        return f"the slices by {by.column} hold {items:,} of {measured.n:,} items"
    compared = measured.champion is not None
    if any(compared != (part.champion is not None) for part in found if part.candidate is not None):
        return f"the slices by {by.column} are not compared with the champion as the whole set is"
    return ""
