"""`journey demo`: a customer base made from a seed, the worker over it, and a picture of what it said."""
