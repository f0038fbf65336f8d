"""Rules about the code itself: a rule that nobody checks is a wish."""
