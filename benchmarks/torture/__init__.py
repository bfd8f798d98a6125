"""Everything that is to be survived, round after round; the counts add up over the runs."""
