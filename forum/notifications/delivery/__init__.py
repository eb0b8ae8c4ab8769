"""The way of one mail out: claim, send, outcome."""
