"""The border of the storefront API: HTTP in, checked models; models out, JSON; faults as problems."""

from packshot.gateway.gateway import Gateway

__all__ = ["Gateway"]
