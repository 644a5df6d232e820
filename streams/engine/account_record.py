"""The account record: what is said of an account as it now stands."""

from typing import TYPE_CHECKING

from streams.engine.health import drivers_of, health_of
from streams.engine.ids import output_id
from streams.engine.measures import measures_of
from streams.engine.outputs import AccountUpdated
from streams.engine.renewal import prospects_of

if TYPE_CHECKING:
    from streams.engine.account import Account


def account_updated(account: "Account") -> AccountUpdated:
    """Say the account as it now stands."""
    hot, journey, vital = account.hot, account.journey, account.journey.vital
    hot.updates += 1
    return AccountUpdated(
        id=output_id(account.id, "account", hot.updates, "updated"),
        account=account.id,
        segment=account.segment,
        at=max(hot.at, hot.decided),
        stage=journey.stages[hot.stage],
        stage_at=hot.stage_at,
        since_at=hot.born_at,
        last_at=hot.at,
        milestones={journey.milestones[place].name: at for place, at in account.rare.reached.items()},
        measures=measures_of(account),
        traits={
            name: value for name, (place, _) in journey.traits.items() if (value := account.trait(place)) is not None
        },
        firing=tuple(journey.alerts[place].name for place, episode in account.rare.alerts.items() if episode.firing),
        health=health_of(account, vital) if vital else None,
        drivers=drivers_of(account, vital) if vital else (),
        renewal=prospects_of(account, journey.renewal) if journey.renewal else None,
    )
