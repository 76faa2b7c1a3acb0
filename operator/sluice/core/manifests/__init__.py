"""The dictionaries that Sluice creates: predictors and their patches, the evaluation Job, the pinned plan."""
