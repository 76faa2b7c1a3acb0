"""Every decision, pure: what was observed goes in, what is to be done comes out. No I/O, no clock, no chance."""
