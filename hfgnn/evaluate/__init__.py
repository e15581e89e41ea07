"""Arrays in, numbers out: scores and the intervals around them."""
