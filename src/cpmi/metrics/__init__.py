"""Measures of labels against ratings, over arrays. No text, no files.

Axes: C chains, N steps of all chains (chain after chain), A first errors, B the steps they are compared
with, G problems, D draws of problems, K bins. In values_N a NaN stands for a step without a label; no
measure gives one back but as "this draw has no value" in a `Measured`.
"""
