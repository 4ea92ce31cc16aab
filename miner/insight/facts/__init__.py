"""What each part of the insight finds: frozen, plain, one file a part. No computing here."""
