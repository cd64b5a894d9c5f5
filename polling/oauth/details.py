"""What a login by OAuth2 has to know: given, known before, or asked of the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from configstore.documents import PollingConfig
from polling.oauth.conversation import Conversation
from polling.oauth.login import Client
from polling.oauth.providers import PROVIDERS


class Detail(NamedTuple):
    """Its option on the command line, and how it is asked for."""

    option: str
    question: str


# By the fields of PollingConfig; the last two are asked for and not stored.
DETAILS = {
    "oauth_provider": Detail("--provider", "Provider (google, microsoft or other)"),
    "oauth_client_id": Detail("--client-id", "Client ID"),
    "oauth_client_secret": Detail("--client-secret", "Client secret, empty if there is none"),
    "oauth_tenant": Detail("--tenant", "Organization: its domain or tenant ID, or common"),
    "oauth_token_url": Detail("--token-url", "Address for tokens (token endpoint)"),
    "oauth_scope": Detail("--scope", "Scope that opens a mailbox by IMAP"),
    "imap_user": Detail("--user", "Mail address of the mailbox"),
    "imap_host": Detail("--host", "IMAP server"),
    "authorization_url": Detail(
        "--authorization-url", "Address where a browser logs in (authorization endpoint)"
    ),
    "device_url": Detail("--device-url", "Address for device codes"),
}
# What is not told to another provider, as it stands where nothing is known.
OF_ONE_PROVIDER = {
    **dict.fromkeys(["oauth_client_id", "oauth_client_secret"], ""),
    **dict.fromkeys(["oauth_token_url", "oauth_scope", "imap_host"], ""),
    "oauth_tenant": "common",
}
CLIENT_IDS = {
    "google": """
The relay needs a client ID at Google, once for all mailboxes:
1. Open https://console.cloud.google.com/ and make a project.
2. Under “Google Auth Platform” describe the app. Audience: “Internal” for Google Workspace; else
   “External”, and publish it: while it is in testing, a login ends after 7 days.
3. Under “Data access” add the scope https://mail.google.com/
4. Under “Clients” make one of the type “Desktop app”: it has a client ID and a client secret.
""",
    "microsoft": """
The relay needs a client ID at Microsoft, once for all mailboxes:
1. Open https://entra.microsoft.com/, “App registrations”, “New registration”.
2. Under “Authentication” switch “Allow public client flows” on. No redirect address is needed.
3. Under “API permissions” add Microsoft Graph, delegated: IMAP.AccessAsUser.All and
   offline_access; an administrator may have to grant consent for the organization.
4. “Overview” shows the application (client) ID and the directory (tenant) ID. There is no secret.
IMAP itself must be on for the mailbox: in the Exchange admin center, “Manage email apps”.
""",
    "other": """
The relay needs a client ID at your provider: register it there as a native or desktop application
with the redirect address http://127.0.0.1 and any port, or with device codes.
""",
}


class Details:
    """known are the fields in force, secrets in clear; given are those of this run."""

    def __init__(
        self, known: Mapping[str, Any], given: Mapping[str, str], person: Conversation
    ) -> None:
        self.given = dict(given)
        former = known.get("oauth_provider")
        if former and given.get("oauth_provider", former) != former:
            self.given = {**OF_ONE_PROVIDER, **given}
        self._known = {**dict.fromkeys(DETAILS, ""), **known, **self.given}
        self._person = person

    def __getitem__(self, name: str) -> str:
        return self._known[name] or ""

    def complete(self) -> None:
        """Ask for what is missing. Raises NobodyAnswers, naming the option."""
        while self["oauth_provider"] not in PROVIDERS:
            self._ask("oauth_provider")
        name = self["oauth_provider"]
        provider = PROVIDERS[name]
        is_new = not self["oauth_client_id"]
        if is_new:
            self._person.say(CLIENT_IDS[name])
            self._need("oauth_client_id")
        if not self["oauth_client_secret"] and (
            provider.wants_secret or (is_new and name == "other")
        ):
            self._ask("oauth_client_secret")
        if is_new and name == "microsoft":
            self._ask("oauth_tenant")
        self._need("imap_user")
        if not self["imap_host"] and provider.imap_host:
            self.given["imap_host"] = self._known["imap_host"] = provider.imap_host
        self._need("imap_host")
        if name == "other":
            self._need("oauth_token_url")
            self._need("oauth_scope")
            if not self["device_url"]:
                self._need("authorization_url")

    def client(self) -> Client:
        """For details that are complete."""
        provider, tenant = PROVIDERS[self["oauth_provider"]], self["oauth_tenant"]
        return Client(
            client_id=self["oauth_client_id"],
            client_secret=self["oauth_client_secret"],
            scope=self["oauth_scope"] or provider.scope,
            token_url=self["oauth_token_url"] or provider.token_url.format(tenant=tenant),
            authorization_url=self["authorization_url"] or provider.authorization_url,
            device_url=self["device_url"] or provider.device_url.format(tenant=tenant),
            parameters=provider.parameters,
        )

    def fields(self) -> dict[str, str]:
        """Those of this run that belong into the document, secrets in clear."""
        return {name: v for name, v in self.given.items() if name in PollingConfig.model_fields}

    def _need(self, name: str) -> None:
        while not self[name]:
            self._ask(name)

    def _ask(self, name: str) -> None:
        detail, secret = DETAILS[name], name in PollingConfig.SECRETS
        usual = "" if secret else self[name]
        answer = self._person.ask(detail.question, detail.option, usual, secret=secret)
        self.given[name] = self._known[name] = answer
