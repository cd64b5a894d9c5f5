"""Which mailboxes there are and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.conf import settings

from configstore.documents import PollingConfig

DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Account:
    """One folder of one mailbox. name is what people and the lock call it."""

    name: str
    host: str
    port: int
    use_tls: bool
    user: str
    password: str = field(repr=False)
    folder: str

    @property
    def identity(self) -> str:
        """What UIDs are relative to: another account behind the same name is another mailbox."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


def default_account(config: PollingConfig) -> Account | None:
    """The mailbox of the environment, None while it names none."""
    if not settings.IMAP_SERVER:
        return None
    return Account(
        name=DEFAULT,
        host=settings.IMAP_SERVER,
        port=settings.IMAP_PORT,
        use_tls=settings.IMAP_USE_SSL,
        user=settings.EMAIL_ADDRESS,
        password=settings.EMAIL_PASSWORD,
        folder=config.imap_folder,
    )
