"""Truncated IP addresses: the network of a visitor, never the machine (DESIGN 4, promise 7)."""

import ipaddress

NOWHERE = "0.0.0.0"  # noqa: S104 - no address to listen on: it replaces a network that was deleted


def network_of(address: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the /24 of an IPv4 or the /48 of an IPv6 address. Raises ValueError for anything else."""
    parsed = ipaddress.ip_address(address)
    # A server that listens on IPv6 sees IPv4 visitors as ::ffff:a.b.c.d; all of them would share one /48.
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False)


def truncated(address: str) -> str:
    try:
        return str(network_of(address).network_address)
    except ValueError:
        return NOWHERE
