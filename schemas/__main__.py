"""`python -m schemas` writes schemas/json anew (as `make schemas` does)."""

from schemas.json_schema import write_all

write_all()
