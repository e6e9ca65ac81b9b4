"""How good the questions are, and which answers look copied: pure sums over arrays of answers.

docs/decisions/0025-statistics-of-drawn-papers.md says how each figure is defined where papers are
drawn and nobody sees every item.
"""
