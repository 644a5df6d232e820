"""A small journey that has a bit of everything, and ways to spoil it.

New sections go to its end: tests of faults name the lines of those before.
"""

from pathlib import Path

REFERENCE = Path(__file__).parents[1] / "deploy" / "journeys" / "b2b-saas.yaml"

SMALL = """\
journey: 1
name: small
version: 1
allowed_lateness: 1h
events:
  Signed Up:
  Report Viewed: {feature: reports, owner: Insights}
  Ticket Opened: {source: support}
  Import Run: {required: [rows]}
traits:
  plan: text
  seats: number
  ends_at: date
measures:
  tickets: {count: Ticket Opened, over: 28d}
  breadth: {features: any, over: 28d}
  actives: {users: [Signed Up, Report Viewed], over: 7d}
milestones:
  looked:
    when: {did: Report Viewed}
  settled:
    activation: true
    when:
      all:
        - reached: looked
        - measure: {name: actives, at_least: 2}
stages:
  trial:
    initial: true
  active:
    from: trial
    enter: {reached: settled}
    dwell: 2d
    exit:
      - to: previous
        when: {did: {event: Ticket Opened, times: 3}}
  quiet:
    from: [trial, active]
    enter: {silent: {for: 14d}}
    at_once: true
alerts:
  ends_soon:
    kind: renewal
    severity: warning
    when: {date: {trait: ends_at, within: 30d}}
  upgrade:
    kind: expansion
    severity: info
    when:
      any:
        - trait: {name: plan, is: [team, pro]}
        - trait: {name: seats, at_least: 50}
        - usage_drop: {of: Report Viewed, grade: hint}
    until: {none: [{stage: active}]}
    cooldown: 7d
  not_looking:
    kind: nudge
    severity: info
    when: {absent: {event: Report Viewed, after: [Signed Up, $page], within: 3d}}
    play: ask
segments:
  tier: {trait: plan, values: [free, team, pro]}
plays:
  ask: {content: Ask what keeps them}
calendars:
  office: {zone: Europe/London, hours: 09:00-17:30, holidays: GB-ENG}
teams:
  sales: {calendar: office, owners: {Kim: {capacity: 2, territory: {tier: team}}}}
contact:
  budget: {account: {at_most: 4, within: 9d}, user: {at_most: 1, within: 1d}}
  quiet_hours: {from: "21:00", to: "06:30", otherwise: Asia/Tokyo}
  holdout: {share: 0.2, salt: one, within: 40d, outcomes: {bought: {reached: looked}}}
"""


def spoiled(old: str, new: str) -> bytes:
    """The small journey with its only `old` replaced."""
    assert SMALL.count(old) == 1, f"{old!r} stands {SMALL.count(old)} times in it"
    return SMALL.replace(old, new).encode()
