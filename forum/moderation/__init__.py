"""Deciding what becomes public: rules (pure functions), decisions (the only writer of state), the log, the queue."""
