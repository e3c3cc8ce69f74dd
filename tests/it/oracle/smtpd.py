"""A mail server on loopback: smtpd.py FOLDER MODE [CERTIFICATE KEY]; prints its port.

MODE: plain, tls or starttls, then words after a comma: auth (Ann, secret), cut (the connection ends
within the mail). Mails are in FOLDER/N.eml, whole. The recipient nobody@localhost is refused."""
import asyncio, os, ssl, sys
from aiosmtpd.smtp import SMTP, AuthResult

folder, mode = sys.argv[1], sys.argv[2].split(",")


class Handler:
    mails = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        Handler.mails += 1
        name = f"{folder}/{Handler.mails}"
        with open(f"{name}.part", "wb") as out:
            out.write(envelope.content)
        os.rename(f"{name}.part", f"{name}.eml")
        return "250 OK"


class Cutting(SMTP):
    async def smtp_DATA(self, arg):
        await self.push("354 go on")
        await self._reader.read(1000)
        self.transport.abort()


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"Ann" and data.password == b"secret"
    return AuthResult(success=right, handled=False)


context = None
if len(sys.argv) > 3:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[3], sys.argv[4])


def protocol():
    options = dict(data_size_limit=50_000_000, decode_data=False)
    if "auth" in mode:
        options.update(authenticator=authenticate, auth_required=True, auth_require_tls=False)
    if "starttls" in mode:
        options.update(tls_context=context, require_starttls=True)
    return (Cutting if "cut" in mode else SMTP)(Handler(), **options)


async def main():
    loop = asyncio.get_running_loop()
    wrapped = context if "tls" in mode else None
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=wrapped)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
