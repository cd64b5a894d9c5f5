"""The first-run assistant: from nothing to the first webhook, step by step."""
