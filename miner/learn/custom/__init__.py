"""A tagger for somebody's own labels: read a labelled sheet, fit, cross-validate, save."""
