"""Packshot on one machine: the template that is deployed, on a local cloud."""
