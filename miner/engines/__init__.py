"""Scoring inside other people's machinery: scikit-learn, spaCy. Nothing is imported here."""
