"""The journal of mails, to be read; and what a person may do about those that cannot be."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from configstore.admin.permissions import may_view
from configstore.declared import config_store
from configstore.documents import RoutingRules
from configstore.fields import translatable
from configstore.store import ConfigurationUnknown
from configstore.wording import translated
from polling.accounts import NotSetUp
from polling.errors import MailboxTrouble
from polling.mail_list import MailList, found, held_back_mailboxes
from polling.mailbox_admin import MailboxStateAdmin as MailboxStateAdmin
from polling.models import Mail, MailState
from polling.quarantine import release
from polling.raw_mail import NotThere, raw_mail
from polling.rehearsal.page import rehearsal_view
from polling.story import story
from polling.why.explanation import explain
from polling.why.page import why_view
from webhooks.admin import Journal, titled, with_links
from webhooks.life import lives
from webhooks.models import Delivery
from webhooks.told import log

PARKED = (MailState.FAILED, MailState.QUARANTINED)


@admin.register(Mail)
class MailAdmin(Journal):
    list_display = (
        "title", "state", "why", "deliveries", "received_at", "settled_at",
    )  # fmt: skip
    list_display_links = ("title",)
    list_filter = ("state", "reason", "mailbox", "seen_at")
    list_select_related = ("mailbox",)
    search_fields = ("subject",)
    search_help_text = gettext_lazy("Subject, sender, link or a piece of it, webhook-id")
    change_list_template = "admin/polling/mails.html"
    actions = ("try_again",)

    @admin.display(description=gettext_lazy("subject"))
    def title(self, mail: Mail) -> str:
        return titled(_subject(mail), mail.sender_email, mail.mailbox.name)

    @admin.display(description=gettext_lazy("why"), empty_value="")
    def why(self, mail: Mail) -> str:
        return with_links(getattr(mail, "standing", ""), getattr(mail, "remedies", ()))

    @admin.display(description=gettext_lazy("deliveries"))
    def deliveries(self, mail: Mail) -> str:
        states: list[tuple[str, str]] = getattr(mail, "states_now", [])
        return ", ".join(
            _("%(endpoint)s: %(state)s") % {"endpoint": endpoint, "state": state}
            for endpoint, state in states
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return MailList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Mail], search_term: str
    ) -> tuple[QuerySet[Mail], bool]:
        return queryset.filter(found(search_term)), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/raw/", wrap(self.raw_view), name="polling_mail_raw"),
            path("try/", wrap(rehearsal_view), name="polling_mail_rehearsal"),
            path("why/", wrap(why_view), name="polling_mail_why"),
            path("of/<str:message_id>/", wrap(self.message_view), name="polling_mail_of_message"),
            *super().get_urls(),
        ]

    def has_intervene_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("polling.change_mail")

    @admin.action(description=gettext_lazy("Try to read again"), permissions=["intervene"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Mail]) -> None:
        with transaction.atomic():
            parked = queryset.filter(state__in=PARKED)
            log(request, parked, translatable("Tried to read again."))
            done = release(queryset, timezone.now())
        text = ngettext(
            "%d mail is read again within two minutes.",
            "%d mails are read again within two minutes.",
            done,
        )
        self.message_user(request, text % done, messages.SUCCESS if done else messages.WARNING)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The button of the page is the action of the list."""
        mail = self.get_object(request, object_id)
        if mail is None:
            raise Http404
        if request.method == "POST":
            if not self.has_intervene_permission(request):
                raise PermissionDenied
            self.try_again(request, Mail.objects.filter(pk=mail.pk))
            return HttpResponseRedirect(request.path)
        if not self.has_view_permission(request, mail):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), **self._page(request, mail)}
        return TemplateResponse(request, "admin/polling/mail.html", context)

    def _page(self, request: HttpRequest, mail: Mail) -> dict[str, Any]:
        rows = Delivery.objects.filter(message_id=mail.message_id) if mail.message_id else ()
        store = config_store()
        shown = lives(list(rows), store, timezone.now(), with_files=True)
        (answer,) = explain(store, [mail], {mail.message_id: shown} if shown else {})
        held_back = bool(shown) and mail.mailbox.name in held_back_mailboxes()
        return {
            "title": _subject(mail),
            "opts": self.opts,
            "mail": mail,
            "answer": answer,
            "events": story(mail, shown, held_back),
            "lives": shown,
            "is_parked": mail.state in PARKED,
            "may_intervene": self.has_intervene_permission(request),
            "may_try_rules": may_view(request, RoutingRules.NAME),
            "may_change_deliveries": request.user.has_perm("webhooks.change_delivery"),
        }

    def message_view(self, request: HttpRequest, message_id: str) -> HttpResponse:
        """From a delivery to its mail; there may be copies of it."""
        rows = list(Mail.objects.filter(message_id=message_id).values_list("pk", flat=True)[:2])
        if len(rows) == 1:
            return HttpResponseRedirect(reverse("admin:polling_mail_change", args=rows))
        listed = reverse("admin:polling_mail_changelist")
        return HttpResponseRedirect(f"{listed}?{urlencode({'q': message_id})}")

    def raw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is in a mail is for those who may also act on it."""
        if not self.has_intervene_permission(request):
            raise PermissionDenied
        mail = get_object_or_404(Mail.objects.select_related("mailbox"), pk=pk)
        try:
            content = raw_mail(config_store(), mail)
        except (NotThere, NotSetUp, MailboxTrouble, ConfigurationUnknown) as exc:
            sentence = _("The mail cannot be downloaded: %(reason)s.")
            messages.error(request, sentence % {"reason": translated(str(exc)).rstrip(".")})
            return HttpResponseRedirect(reverse("admin:polling_mail_change", args=[pk]))
        response = HttpResponse(content, content_type="message/rfc822")
        response["Content-Disposition"] = f'attachment; filename="mail-{mail.uid}.eml"'
        return response


def _subject(mail: Mail) -> str:
    return mail.subject or _("(mail %(uid)d)") % {"uid": mail.uid}
