"""Usage drops, judged on made-up accounts: lives with planted drops, three detectors, and one table."""
