"""The ledger: what the book claims, what a run gave, and how the two compare."""
