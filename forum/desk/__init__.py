"""What physicians work with: the questions that wait for them, claims, drafts, snippets, and what is routed to them."""
