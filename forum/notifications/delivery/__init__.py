"""Delivery of one mail: claim, send, outcome."""
