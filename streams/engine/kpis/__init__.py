"""Beyond the path: the figures of the whole customer base.

  account → facts → partition (one for all) → days → weeks, months → formulas → figures

- `declared`    what the journey asks for, compiled
- `facts`       what one account adds to which sums; said beside its outputs
- `histogram`   spans in fixed buckets, so that quantiles can be added up
- `periods`     UTC days, ISO weeks and months
- `formulas`    every figure: its formula and what it is made of
- `partition`   the sums; a period is closed once no fact can come from within it
"""
