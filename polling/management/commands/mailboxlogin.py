"""Logs a mailbox in by OAuth2, from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pydantic import ValidationError

from configstore import editing
from configstore.backends.base import DocumentChanged, JSONObject, StoreUnavailable
from configstore.credentials import VARIABLES, environment_fields
from configstore.declared import config_store
from configstore.document import describe
from configstore.documents import PollingConfig, mailbox_document
from configstore.merging import sealed
from configstore.naming import mailbox_names
from configstore.secrets import SecretUnreadable, decrypt
from configstore.store import ConfigurationUnknown
from polling.accounts import DEFAULT, Account, NotSetUp, described_account
from polling.oauth.conversation import Conversation, NobodyAnswers
from polling.oauth.details import DETAILS, Details
from polling.oauth.login import obtain
from polling.oauth.providers import PROVIDERS
from polling.oauth.token_answers import Grant, TokenTrouble
from polling.oauth.tokens import REFRESH_TOKEN, tokens
from polling.probe import try_account

AUTHOR = "manage.py mailboxlogin"


class Command(BaseCommand):
    help = (
        "Log a mailbox in by OAuth2, as Google and Microsoft 365 want it: get a refresh token, "
        "store it encrypted, and try it. What is missing is asked for."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name",
            nargs="?",
            metavar="NAME",
            default=DEFAULT,
            help="The mailbox. Default: default.",
        )
        for name, detail in DETAILS.items():
            parser.add_argument(
                detail.option,
                dest=name,
                default="",
                metavar=detail.option.strip("-").upper(),
                choices=[*PROVIDERS] if name == "oauth_provider" else None,
                help=f"{detail.question}.",
            )
        parser.add_argument(
            "--port",
            type=int,
            default=0,
            help="Where on this machine a browser brings the answer. Default: any that is free.",
        )
        parser.add_argument(
            "--print",
            action="store_true",
            dest="prints",
            help="Store nothing: print the refresh token, for the environment.",
        )

        parser.add_argument(
            "--later",
            action="store_true",
            help="A mailbox that nobody has set up yet is not read before the set-up assistant was "
            "told which mails are relayed.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        person = Conversation(self._tell)
        try:
            self._log_in(options["name"], options, person)
        except NobodyAnswers as exc:
            raise CommandError(f"Nobody answers: use {exc}.") from exc
        except TokenTrouble as exc:
            sentence = str(exc).rstrip(".")
            raise CommandError(f"There is no token: {sentence}.") from exc
        except ValidationError as exc:
            raise CommandError(f"That cannot be used: {describe(exc)}") from None
        except (StoreUnavailable, ConfigurationUnknown, DocumentChanged) as exc:
            raise CommandError(f"The mailbox cannot be read or changed: {exc}") from exc
        except KeyboardInterrupt:
            raise CommandError("Stopped. Nothing was changed.") from None

    def _tell(self, text: str) -> None:
        """Not on standard output, where what is printed must be alone; and not in red."""
        self.stderr.write(text, str, ending="")
        self.stderr.flush()

    def _log_in(self, name: str, options: Mapping[str, Any], person: Conversation) -> None:
        document, prints = mailbox_document(name), bool(options["prints"])
        names = mailbox_names(config_store())
        if name not in names:
            raise CommandError(f"There is no mailbox {name}. There are: {', '.join(names)}.")
        if prints and name != DEFAULT:
            raise CommandError("The environment describes the default mailbox alone.")
        config = config_store().get(PollingConfig, document)
        winning = environment_fields() if name == DEFAULT else {}
        given = {field: options[field] for field in DETAILS if options[field]}
        details = Details(_in_force(config, winning), given, person)
        if not prints:
            _refuse_what_the_environment_says({*given, REFRESH_TOKEN}, winning)
        details.complete()
        PollingConfig.model_validate(details.fields())
        grant = obtain(details.client(), details["imap_user"], options["port"], person)
        fields = {
            **details.fields(),
            REFRESH_TOKEN: grant.refresh_token,
            "imap_auth": "oauth2",
        }
        if prints:
            self._print(details, grant, person)
            described = config.model_copy(update=fields)
        else:
            waits = bool(options["later"]) and not _is_set_up(name, config)
            at_first: JSONObject = {"enable_polling": False} if waits else {}
            described = _store(document, fields, at_first, person)
        self._try(name, described, grant, person)

    def _print(self, details: Details, grant: Grant, person: Conversation) -> None:
        person.say()
        self.stdout.write(grant.refresh_token)
        variables = [VARIABLES[field] for field in details.fields() if field in VARIABLES]
        person.say(f"Set {VARIABLES[REFRESH_TOKEN]} to this token. It opens the mailbox.")
        if variables:
            person.say(f"What was entered here is not stored: set {', '.join(variables)} as well.")

    def _try(self, name: str, config: PollingConfig, grant: Grant, person: Conversation) -> None:
        try:
            account = described_account(name, config)
        except NotSetUp as exc:
            raise CommandError(str(exc)) from exc
        answer = try_account(_with_token(account, grant))
        if not answer.ok:
            raise CommandError(
                f"The token is there, but the mailbox does not open. {answer.sentence}"
            )
        person.say(answer.sentence)
        for fact, value in answer.facts:
            person.say(f"    {fact}: {value}")


def _in_force(config: PollingConfig, winning: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as they are now, with the client secret in clear if it can be read."""
    fields = {**config.model_dump(include={*VARIABLES}), **winning}
    try:
        secret = decrypt(fields["oauth_client_secret"] or "")
    except SecretUnreadable:
        secret = ""
    return fields | {"oauth_client_secret": secret}


def _refuse_what_the_environment_says(fields: set[str], winning: Mapping[str, Any]) -> None:
    if outranked := sorted(VARIABLES[field] for field in fields & {*winning}):
        raise CommandError(
            f"{', '.join(outranked)} is set in the environment, which wins over what is stored: "
            "take it out there, or use --print."
        )


def _is_set_up(name: str, config: PollingConfig) -> bool:
    try:
        described_account(name, config)
    except NotSetUp:
        return False
    return True


def _store(
    document: str, fields: dict[str, str], at_first: JSONObject, person: Conversation
) -> PollingConfig:
    """at_first: what is stored unless it was said before."""
    entered = sealed(PollingConfig, fields)

    def change(raw: JSONObject) -> JSONObject:
        return at_first | raw | entered

    written = editing.update(
        config_store(), PollingConfig, document, change, author=AUTHOR, action="changed"
    )
    person.say(f"\nStored in {document} ({', '.join(written.taken)}).")
    if written.missed:
        person.say(f"Not yet known to {', '.join(written.missed)}.")
    return config_store().current(PollingConfig, document).document


def _with_token(account: Account, grant: Grant) -> Account:
    """The account with what was just obtained, whatever the environment says."""
    oauth = account.oauth
    if oauth is None:
        return account
    if oauth.in_document is False:
        oauth = replace(oauth, refresh_token=grant.refresh_token, grant=grant.refresh_token)
    tokens().remember(account, oauth, grant)
    return replace(account, oauth=oauth)
