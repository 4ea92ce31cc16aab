"""What each theme adds to a score or takes from it, and what follows for the order of things."""
