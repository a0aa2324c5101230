"""Plates that are bought: asked for once, waited for by nobody, received with care, settled for everybody."""
