"""Moderation: the queue, decisions, reports, sanctions, reasons, the log and its statistics."""
