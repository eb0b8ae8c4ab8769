"""Inbound mail: replies become posts (posts.submit), bounces suppress addresses (accounts.suppressions)."""
