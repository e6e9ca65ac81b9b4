"""Lectures: a file of any kind in, a checked stream for phones out."""
