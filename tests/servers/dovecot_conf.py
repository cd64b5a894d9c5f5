"""The configuration of a private Dovecot, in the syntax of 2.3 and of 2.4."""

from __future__ import annotations

COMMON = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
listen = 127.0.0.1
ssl = yes
auth_failure_delay = 0
mail_fsync = never
mailbox_list_index = no
first_valid_uid = 1
mail_max_userip_connections = {max_connections}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
  service_count = 0
  process_min_avail = 1
  {no_chroot}
}}
service anvil {{
  {no_chroot}
  unix_listener anvil-auth-penalty {{
    mode = 00
  }}
}}
namespace inbox {{
  inbox = yes
}}
"""

SYNTAX_2_3 = """
protocols = imap
ssl_cert = <{cert_file}
ssl_key = <{key_file}
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
{passdb}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""

SYNTAX_2_4 = """
protocols {{
  imap = yes
}}
ssl_server_cert_file = {cert_file}
ssl_server_key_file = {key_file}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
{passdb}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""

PASSWORD_2_3 = """
passdb {{
  driver = static
  args = password={password}
}}
"""

PASSWORD_2_4 = """
passdb static {{
  password = {password}
}}
"""

# No password is taken; a provider is asked about each access token.
TOKEN_2_3 = """
auth_mechanisms = xoauth2
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
"""

TOKEN_2_4 = """
auth_mechanisms = xoauth2
oauth2 {{
  introspection_mode = post
  introspection_url = {introspection_url}
  username_attribute = username
  active_attribute = active
  active_value = true
}}
passdb oauth2 {{
}}
"""

OAUTH2_CONF_2_3 = """
introspection_mode = post
introspection_url = {introspection_url}
username_attribute = username
active_attribute = active
active_value = true
"""

VERSIONS_2_4 = "dovecot_config_version = {version}\ndovecot_storage_version = {version}\n"

# Without root all parts of Dovecot run as the one user there is, who cannot chroot.
WITHOUT_ROOT = """
default_internal_user = {account}
default_login_user = {account}
default_internal_group = {group}
"""


def configuration(version: str, *, account: str, group: str, root: bool, **values: object) -> str:
    """With an introspection_url that is not "" only access tokens are taken; for 2.3 there is a
    file oauth2.conf then."""
    modern = not version.startswith("2.3")
    by_token = bool(values["introspection_url"])
    passdb = (
        (TOKEN_2_4 if modern else TOKEN_2_3)
        if by_token
        else (PASSWORD_2_4 if modern else PASSWORD_2_3)
    )
    parts = [VERSIONS_2_4 if modern else "", COMMON, SYNTAX_2_4 if modern else SYNTAX_2_3]
    if not root:
        parts.append(WITHOUT_ROOT)
    return "".join(parts).format(
        version=version,
        account=account,
        group=group,
        no_chroot="" if root else "chroot =",
        passdb=passdb.format(**values),
        **values,
    )
