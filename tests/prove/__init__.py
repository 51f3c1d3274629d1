"""The proofs of what ``docs/durability.md`` says, at full size: ``make prove``."""
