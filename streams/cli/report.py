"""`journey report`: what a stream of events, or what was said of it, comes to."""

import typer

from streams.cli.report_coverage import coverage
from streams.cli.report_drivers import drivers
from streams.cli.report_holdout import holdout
from streams.cli.report_kpis import kpis
from streams.cli.report_lift import lift
from streams.cli.report_plays import plays
from streams.cli.report_review import review

report = typer.Typer(no_args_is_help=True, help="Report on what came in, and on what was made of it.")
report.command("coverage")(coverage)
report.command("plays")(plays)
report.command("holdout")(holdout)
report.command("kpis")(kpis)
report.command("review")(review)
report.command("lift")(lift)
report.command("drivers")(drivers)
