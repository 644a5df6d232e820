"""Streaming signals for SaaS customer journeys: product events in, lifecycle transitions and alerts out.

The path:

    any producer ─▶ journey.events ──▶ route ──▶ journey.account-events ──▶ follow ─┬▶ journey.transitions
                    key: user            │       key: account                  │    ├▶ journey.milestones
                                         │                                     │    ├▶ journey.alerts
                                         │                                     │    ├▶ journey.movements
                                         │                                     │    ├▶ journey.renewals
                                         │                                     │    ├▶ journey.instrumentation
                                         │                                     │    ├▶ journey.accounts
                                         │                                     │    └▶ journey.kpi-facts
                                         │                                     │             └▶ kpis ─▶ journey.kpis
                         bad input ──────┴─────────────────────────────────────┴─────▶ journey.dead-letters
                                         │                                     │
                  state, compacted:  journey.users-changelog          journey.state-changelog
                                              who is forgotten:  journey.suppressions
"""
