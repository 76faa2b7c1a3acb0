"""The live analysis beside other tools and sequential tests, on the same generated traffic; and what a tick costs."""
