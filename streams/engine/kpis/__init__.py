"""Beyond the path: the figures of the whole customer base.

  account → facts → partition (one for all) → days → weeks, months → formulas → figures

- `declared`    what the journey asks for, compiled
- `facts`       what one account adds to which sums; said beside its outputs
- `heard`       what events tell of besides: answers, and how long tickets took
- `histogram`   spans in fixed buckets, so that quantiles can be added up
- `periods`     UTC days, ISO weeks and months
- `formulas`    every figure: its formula and what it is made of (and `renewal_`, `service_formulas`; all: `catalogue`)
- `partition`   the sums; a period is closed once no fact can come from within it
"""
