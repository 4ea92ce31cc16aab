"""Whom to answer: follow-up, advocates, questions, scores that words contradict."""
