"""Mail that comes in: answers become posts through posting.submit, bounces end in accounts.Suppression."""
