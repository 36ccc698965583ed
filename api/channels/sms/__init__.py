"""Text messages: what the providers share, and one file (with its webhooks) per provider."""
