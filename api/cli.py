"""The operators' command line: `uv run doorstep …`."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import httpx
import structlog
import typer

from api import clock
from api.channels.sms.carriers import cannot_be_answered, second_sender_mistakes
from api.conversation.rasa import Bots, BotUnavailable
from api.conversation.triage import triage
from api.conversation.turns import Desk
from api.db import Database
from api.intake.rulebook import Rulebook, load_rulebook
from api.policies.load import (
    Draft,
    Policies,
    PolicyMistakes,
    load_draft,
    load_policies,
    policy_check,
)
from api.policies.schema import Policy
from api.screening.danger import load_danger
from api.screening.danger_data import DangerDataError
from api.screening.language_data import LanguageDataError, read_languages
from api.settings import Settings, current
from api.worker.post import Post, make_post

log = structlog.get_logger()

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
policy_app = typer.Typer(no_args_is_help=True, help="Landlords' policies.")
jobs_app = typer.Typer(no_args_is_help=True, help="What is due.")
users_app = typer.Typer(no_args_is_help=True, help="Officers who sign in.")
app.add_typer(policy_app, name="policy")
app.add_typer(jobs_app, name="jobs")
app.add_typer(users_app, name="users")
twilio_app = typer.Typer(no_args_is_help=True, help="The account that texts go out by.")
app.add_typer(twilio_app, name="twilio")


def _logs() -> None:
    # Words of residents never go to a log: only ids, codes and troubles do.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _ready(settings: Settings) -> Rulebook:
    """The rulebook, or an end with one line per mistake."""
    mistakes = settings.mistakes()
    if mistakes:
        _stop("\n".join(mistakes))
    rulebook = _rulebook(settings)
    landlords = rulebook.landlords.values()
    mistakes = second_sender_mistakes(settings, landlords)
    if mistakes:
        _stop("\n".join(mistakes))
    for landlord in cannot_be_answered(settings, landlords):
        log.warning("second_sender_is_no_number", landlord=landlord)
    return rulebook


def _rulebook(settings: Settings) -> Rulebook:
    try:
        return load_rulebook(settings.policies_dir, settings.landlords_file, settings.estate_file)
    except (PolicyMistakes, DangerDataError, LanguageDataError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(1) from None


def _post(settings: Settings, rulebook: Rulebook) -> Post:
    return make_post(settings, Database(settings.database), rulebook)


@app.command()
def prepare() -> None:
    """Makes what a first run needs: secrets, tables, demo officers and keys."""
    from api.prepare import PortTaken, check_ports
    from api.prepare import prepare as make_ready

    settings = current()
    _rulebook(settings)
    try:
        check_ports(settings)
    except PortTaken as taken:
        _stop(str(taken))
    make_ready(settings)


@app.command()
def serve() -> None:
    """Runs the api."""
    import uvicorn

    from api.main import create_app

    _logs()
    settings = current()
    _ready(settings)
    uvicorn.run(
        create_app(settings),
        host=settings.bind_host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=settings.trusted_proxies,
    )


@app.command()
def worker() -> None:
    """Runs the worker: waiting messages, the outbox, what is due."""
    from api.worker.run import work

    _logs()
    settings = current()
    rulebook = _ready(settings)
    post = _post(settings, rulebook)
    bots = Bots(settings.bots, settings.bot_secret, settings.bot_timeout_seconds)
    work(Desk(post.db, rulebook, bots), post)


@app.command()
def welcome() -> None:
    """Prints the addresses once everything answers, and stays until it is stopped."""
    settings = current()
    began = time.monotonic()
    while True:
        try:
            ready = httpx.get(f"{settings.internal_url}/readyz", timeout=5).status_code == 200
            ready = ready and httpx.get(settings.phone_url, timeout=5).status_code == 200
        except httpx.HTTPError:
            ready = False
        if ready:
            break
        time.sleep(0.5)
    rulebook = _rulebook(settings)
    lines = ["", f"Doorstep is ready ({time.monotonic() - began:.0f} s).", ""]
    lines += ["Chat, one page per landlord:"]
    lines += [
        f"  {settings.public_url}/chat/{code:<18} texts to {landlord.number}"
        for code, landlord in sorted(rulebook.landlords.items())
    ]
    lines += [
        "",
        f"Simulated phone:   {settings.phone_url}/",
        f"Officers' portal:  {settings.public_url}/officers/sign-in",
        f"Names and passwords, API keys: {settings.data_dir / 'first-run.json'}",
        "",
        "Ctrl-C stops all of it.",
    ]
    typer.echo("\n".join(lines))
    sys.stdout.flush()
    while True:
        time.sleep(3600)


@policy_app.command("check")
def check_policies(folder: Annotated[Path | None, typer.Argument()] = None) -> None:
    """Loads every pack and says each mistake in a line."""
    settings = current()
    chosen = folder or settings.policies_dir
    mistakes = policy_check(chosen, clock.now().date())
    try:
        load_danger(chosen / "shared")
    except DangerDataError as wrong:
        mistakes += str(wrong).splitlines()
    try:
        read_languages(chosen / "shared")
    except LanguageDataError as wrong:
        mistakes += str(wrong).splitlines()
    if mistakes:
        _stop("\n".join(mistakes))
    typer.echo("The policy packs are in order.")


@policy_app.command("diff")
def diff_policies(old: Path, new: Path) -> None:
    """Lists what is different between two versions: folders of a landlord, or policy files."""
    from api.policies.diff import as_text

    typer.echo(as_text(_draft(old), _draft(new)))


@policy_app.command("replay")
def replay_policy(
    new: Annotated[Path, typer.Option("--with", help="a landlord's folder, a policy file or all")],
    landlord: Annotated[str, typer.Option(help="only this landlord's reports")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="a JSON line per report")] = False,
) -> None:
    """Runs another version over the stored reports and lists who would be treated differently.

    Changes nothing.
    """
    from sqlalchemy import select
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from api.conversation.model import Conversation
    from api.intake.replay import replay

    settings = current()
    rulebook = _rulebook(settings)
    words, versions = _to_replay(new, rulebook)
    if landlord and landlord not in versions:
        _stop(f"'{new}' is no policy of '{landlord}'. It is of: {', '.join(sorted(versions))}")
    chosen = {code: policy for code, policy in versions.items() if landlord in ("", code)}
    db = Database(settings.database)
    try:
        with db.reading() as session:
            rows = session.execute(select(Conversation.id, Conversation.number))
            numbers = {row.id: row.number for row in rows}
            found = replay(session, rulebook.policies, chosen, numbers, words=words)
    except (OperationalError, ProgrammingError):
        _stop("There are no reports to read: no database, or not this version's. See DATABASE_URL.")
    finally:
        db.engine.dispose()
    for one in found.differences:
        typer.echo(json.dumps(one.as_json()) if as_json else one.as_line())
    if not as_json:
        typer.echo(
            f"{len(found.differences)} of {found.reports} reports would be treated differently. "
            "Nothing was changed."
        )


@policy_app.command("new")
def new_landlord(
    name: Annotated[str, typer.Argument(help="the landlord's code, such as harbour-homes")],
    folder: Annotated[Path | None, typer.Option(help="where the landlords' folders are")] = None,
) -> None:
    """Makes a new landlord's folder, which loads, and lists what is still to be decided."""
    from api.policies.blank import CannotMake, make_landlord, open_decisions

    try:
        written = make_landlord(
            folder or current().policies_dir, name, clock.now().astimezone(clock.LONDON).date()
        )
    except CannotMake as why:
        _stop(str(why))
    decisions = open_decisions(written)
    typer.echo("\n".join(decisions))
    typer.echo(f"Made {written[0].parent}. It loads; {len(decisions)} decisions are open.")


def _draft(path: Path) -> Draft:
    try:
        return load_draft(path, current().policies_dir)
    except PolicyMistakes as mistakes:
        _stop(str(mistakes))


def _to_replay(path: Path, rulebook: Rulebook) -> tuple[Policies, dict[str, Policy]]:
    """Whose lists of words are read, and the version to run for each landlord."""
    if not (path / "shared").is_dir():
        policy = _draft(path).policy
        if policy.code not in rulebook.policies.landlords:
            _stop(f"'{path}' is a policy of '{policy.code}', which is not a landlord here.")
        return rulebook.policies, {policy.code: policy}
    try:
        every = load_policies(path)
    except PolicyMistakes as mistakes:
        _stop(str(mistakes))
    known = rulebook.policies.landlords
    return every, {code: pack.policy for code, pack in every.landlords.items() if code in known}


@app.command("triage")
def triage_text(
    landlord: Annotated[str, typer.Option()], text: Annotated[str, typer.Option()]
) -> None:
    """Judges a text under a landlord's policy, with the running bot. Stores nothing."""
    settings = current()
    rulebook = _rulebook(settings)
    if landlord not in rulebook.policies.landlords:
        _stop(f"No landlord '{landlord}'. There are: {', '.join(rulebook.policies.landlords)}")
    bots = Bots(settings.bots, settings.bot_secret, settings.bot_timeout_seconds)
    try:
        found = triage(text, landlord, rulebook, bots, at=clock.now())
    except BotUnavailable:
        _stop("The bot does not answer. Start the service first: make run")
    typer.echo(found.model_dump_json(indent=2))


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="labelled messages, a JSON object a line")],
    out: Annotated[Path | None, typer.Option(help="var/evaluation if absent")] = None,
    before: Annotated[Path | None, typer.Option(help="an earlier report's .json")] = None,
) -> None:
    """Judges labelled messages through the real model and rules; figures, misses and a page."""
    from api.evaluation.cases import CasesUnreadable, read_cases
    from api.evaluation.figures import figures, misses
    from api.evaluation.judging import BotDidNotStart, judge_all, own_bot
    from api.evaluation.report import in_words, write_report

    settings = current()
    rulebook = _rulebook(settings)
    try:
        cases = read_cases(file)
        earlier = json.loads(before.read_text()) if before else None
        with own_bot() as bots:
            rows = judge_all(cases, bots, rulebook, at=clock.now())
    except (CasesUnreadable, BotDidNotStart, OSError, json.JSONDecodeError) as wrong:
        _stop(str(wrong))
    found = figures(rows)
    folder = out or settings.data_dir / "evaluation"
    written = write_report(folder, file.stem, found, misses(rows), earlier)
    typer.echo(in_words(file.stem, found, earlier))
    typer.echo("\n".join(str(path) for path in written.values()))


@jobs_app.command("run")
def run_jobs(
    at: Annotated[str, typer.Option(help="ISO time with zone; now if absent")] = "",
) -> None:
    """Does everything that is due at that instant, once. JSON lines of what it did."""
    from api.worker.jobs import run_due

    _logs()
    settings = current()
    try:
        moment = datetime.fromisoformat(at) if at else clock.now()
    except ValueError:
        _stop(f"'{at}' is not a time such as 2026-12-01T09:00:00+00:00")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    post = _post(settings, _ready(settings))
    for done in run_due(post, moment):
        typer.echo(json.dumps(done))


@twilio_app.command("check")
def check_twilio() -> None:
    """Reads the account's settings and says what differs from what the service needs."""
    from api.channels.sms.twilio_check import check_account

    settings = current()
    rulebook = _rulebook(settings)
    differs = 0
    for finding in check_account(settings, rulebook.landlords.values()):
        typer.echo(finding.as_line())
        differs += finding.state == "differs"
    if differs:
        _stop(f"{differs} to mend.")


@users_app.command("list")
def list_users() -> None:
    """Officers, one line each."""
    from sqlalchemy import select

    from api.teams.model import Officer

    with Database(current().database).reading() as session:
        for officer in session.scalars(select(Officer).order_by(Officer.landlord, Officer.email)):
            ended = " (ended)" if officer.ended_at else ""
            typer.echo(f"{officer.landlord} {officer.team} {officer.role} {officer.email}{ended}")


@users_app.command("add")
def add_user(
    landlord: Annotated[str, typer.Option()],
    team: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()],
    role: Annotated[str, typer.Option()] = "officer",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True)] = "",
) -> None:
    """Adds an officer. The password is asked for, not shown."""
    from api.teams.officers import add_officer, officer_by_email

    settings = current()
    rulebook = _rulebook(settings)
    teams = {
        code: [one.code for one in pack.policy.teams]
        for code, pack in rulebook.policies.landlords.items()
    }
    if team not in teams.get(landlord, []):
        _stop(f"'{landlord}' has no team '{team}'. Teams: {teams.get(landlord, [])}")
    if role not in {"officer", "lead"}:
        _stop("A role is 'officer' or 'lead'.")
    if len(password) < 12:
        _stop("A password needs at least 12 characters.")
    with Database(settings.database).writing() as session:
        if officer_by_email(session, email):
            _stop(f"There is an officer with the e-mail {email}.")
        add_officer(
            session,
            landlord=landlord,
            team=team,
            role=role,
            email=email,
            password=password,
            at=clock.now(),
        )
    typer.echo(f"Added {email}.")


if __name__ == "__main__":
    app()
