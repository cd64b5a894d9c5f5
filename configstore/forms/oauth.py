"""How a mailbox is logged in to by OAuth2: the fields of polling_config that say it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from configstore.forms.base import Section
from configstore.forms.fields import SecretField

OAUTH = Section(
    title=_("Login by OAuth2"),
    description=_(
        "For Microsoft 365, which takes no passwords any more, and for Google, which takes an "
        "application password instead, too. The command "
        "“manage.py mailboxlogin” fills all of this in and asks the provider for the token."
    ),
    fields=("oauth_provider", "oauth_client_id", "oauth_client_secret", "oauth_refresh_token",
            "oauth_tenant", "oauth_token_url", "oauth_scope"),
)  # fmt: skip


class OAuthFields(forms.Form):
    oauth_provider = forms.ChoiceField(
        label=_("Provider"),
        required=False,
        choices=[
            ("", _("none")),
            ("google", "Google"),
            ("microsoft", "Microsoft 365"),
            ("other", _("another one")),
        ],
    )
    oauth_client_id = forms.CharField(
        label=_("Client ID"),
        required=False,
        help_text=_("By which the provider knows this relay. The user guide says how to get one."),
    )
    oauth_client_secret = SecretField(label=_("Client secret"))
    oauth_refresh_token = SecretField(label=_("Refresh token"))
    oauth_tenant = forms.CharField(
        label=_("Organization"),
        help_text=_("For Microsoft 365: its domain or its tenant ID, or common."),
    )
    oauth_token_url = forms.CharField(
        label=_("Address for tokens"),
        required=False,
        help_text=_("Of another provider, such as https://login.example.com/token."),
    )
    oauth_scope = forms.CharField(
        label=_("Scope"), required=False, help_text=_("Of another provider: what is asked for.")
    )
