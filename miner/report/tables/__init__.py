"""The report's tables: findings laid out as rows under typed columns, one file a subject."""
