"""Challenge sets: regression cases from pinned files, asked as often as the plan says; hidden ones are only counted."""
