"""What people say: keyphrases, phrases that come and go, topics without a theme."""
