"""`flask token …`: keys for other systems, made and ended by whoever runs the program."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from app.audit.services import SYSTEM
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory import services
from app.directory.models import ApiToken, County, Person
from app.directory.queries import zone_of
from app.directory.rules import SCOPES

token_cli = AppGroup("token", help="Keys for other systems.")


@token_cli.command("create")
@click.argument("login")
@click.option("--name", required=True, help="What it is for; stands in the list and in the history.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(SCOPES)))
@click.option("--channel", help="Only reports of this channel may be filed with it.")
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(min=1), help="How long it works; TOKEN_DAYS at most."
)
@click.option("--county", "county_code", help="Code of the county; not needed when only one has this account.")
def create_command(
    login: str, name: str, scopes: tuple[str, ...], channel: str | None, days: int, county_code: str | None
) -> None:
    """Make a token that acts as LOGIN. It is printed once and kept nowhere."""
    most = current_app.config["TOKEN_DAYS"]
    if days > most:
        raise click.ClickException(f"A token works for {most} days at most (TOKEN_DAYS).")

    def create() -> str:
        now = clock.now()
        person = _person(login, county_code)
        made = services.create_api_token(person, name=name, scopes=scopes, channel=channel, days=days, now=now)
        return made[1]

    click.echo(run_unit(create))


@token_cli.command("list")
def list_command() -> None:
    """Every token with its number, whom it acts as, its scopes and the moment of its end in the county's time."""
    rows = db.session.execute(
        select(ApiToken, Person.login)
        .join(Person, (Person.county_id == ApiToken.county_id) & (Person.id == ApiToken.person_id))
        .order_by(ApiToken.id)
    )
    now = clock.now()
    for token, login in rows:
        end = token.revoked_at or token.expires_at
        word = "ended" if end and end <= now else "until"
        bound = f" channel {token.channel}" if token.channel else ""
        until = f"{word} {end.astimezone(zone_of(token.county_id)):%Y-%m-%d %H:%M %Z}" if end else "without end"
        click.echo(f"{token.id}  {token.name}  {login}  {' '.join(token.scopes)}{bound}  {until}")


@token_cli.command("revoke")
@click.argument("number", type=int)
def revoke_command(number: int) -> None:
    """End the token with this NUMBER (see `flask token list`) now."""

    def revoke() -> None:
        token = db.session.scalars(select(ApiToken).where(ApiToken.id == number)).one_or_none()
        if token is None:
            raise click.ClickException(f"There is no token {number}.")
        services.revoke_api_token(token, actor=SYSTEM, now=clock.now())

    run_unit(revoke)
    click.echo("Revoked.")


def _person(login: str, county_code: str | None) -> Person:
    query = select(Person).join(County, County.id == Person.county_id).where(Person.login == login)
    query = query.where(Person.left_at.is_(None))
    if county_code:
        query = query.where(County.code == county_code)
    found = db.session.scalars(query).all()
    if len(found) != 1:
        problem = "Nobody has" if not found else "Several counties have"
        raise click.ClickException(f'{problem} the account "{login}".')
    return found[0]
