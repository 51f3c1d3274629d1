"""
What keepfolio costs, as ratios to programs that do the same work: ``python -m benchmarks``; see ``__main__``.

Nothing is asserted. Each theme is a module with one ``measure(bench)`` that yields rows of the table.
"""
