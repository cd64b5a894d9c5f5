"""Pages of the admin that are looked at."""

from __future__ import annotations

from django.http import HttpRequest


class ReadOnly:
    """What the relay writes is not edited by hand."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
