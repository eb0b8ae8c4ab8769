"""Mail: outbox (who is owed what) -> tasks -> delivery (claim, send, mark) -> mails (what each one says)."""
