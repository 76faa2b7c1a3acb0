"""A plan tried on what happened: the stable arm's pods split into pretend arms, the engine let loose on them.

`chronicle` makes counts of raw samples once, `trial` rolls out on them as often as one likes. All chance comes from a
seeded source that the caller brings.
"""
