"""`python -m schemas` writes schemas/json anew (as `make generate` does)."""

from schemas.json_schema import write_all

write_all()
