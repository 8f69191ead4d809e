"""A mail server of somebody else's make (aiosmtpd), for tests: takes mails on loopback and prints each as a line of JSON.

Arguments: how the connection is protected (starttls, tls, none), certificate, key, user, password ("-" for no sign-in).
What it does with a mail depends on the local part of the recipient: `gone` is refused for good, `later` for now the first
time, and at `cut` it hangs up after the message without a word.
"""

import asyncio
import email
import json
import ssl
import sys
from email import policy

from aiosmtpd.smtp import SMTP, AuthResult

protection, certificate, key, user, password = sys.argv[1:6]


def say(what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.split("@")[0]
        if local == "gone":
            return "550 5.1.1 nobody of that name"
        if local == "later" and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        parts = {part.get_content_type(): part for part in message.walk() if not part.is_multipart()}
        text = parts.get("text/plain")
        html = parts.get("text/html")
        say(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": {name.lower(): str(value) for name, value in message.items()},
                "subject": str(message["subject"]),
                "text": text.get_content() if text else None,
                "html": html.get_content() if html else None,
                "types": sorted(parts),
                "encrypted": session.ssl is not None or protection == "tls",
                "user": session.auth_data if isinstance(session.auth_data, str) else None,
            }
        )
        if any(address.startswith("cut@") for address in envelope.rcpt_tos):
            server.transport.abort()
            return "451 never heard"
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    name, secret = data.login.decode(), data.password.decode()
    fits = name == user and secret == password
    say({"signIn": name, "success": fits})
    return AuthResult(success=fits, auth_data=name, handled=fits)


async def main():
    context = None
    if protection != "none":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    signs_in = user != "-"
    handler = Handler()

    def protocol():
        return SMTP(
            handler,
            hostname="mail.peer.example",
            enable_SMTPUTF8=True,
            tls_context=context if protection == "starttls" else None,
            require_starttls=protection == "starttls",
            auth_required=signs_in,
            auth_require_tls=protection == "starttls",
            authenticator=authenticate if signs_in else None,
        )

    implicit = context if protection == "tls" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    say({"port": server.sockets[0].getsockname()[1]})
    # It ends with the test: then there is nobody to listen any more.
    await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
