"""A real mail server (aiosmtpd) that behaves as it is told. Prints its port, then each letter as a line of JSON.

mail_server.py {tls|starttls|none} {ok|old|plain|refuse-sender|refuse-sender-for-good|refuse-later|refuse-rcpt|refuse-data|hang|drop|weak|old-tls|odd-cipher|client-cert|tls-later|tls-never} [--cert FILE --key FILE] [--login NAME:PASSWORD]
mail_server.py {tls|starttls|none} {deaf|mute|drip}: no mail server at all. It completes no connection, never says a word, or
says a byte now and then.

old: it knows HELO alone; plain: it does not offer SMTPUTF8; weak: it takes any certificate as its own; old-tls: it knows TLS 1.0
and 1.1 alone; odd-cipher: it knows ciphers of before 2008 alone; client-cert: it wants a certificate; tls-later, tls-never: it offers
STARTTLS, and refuses it then.
"""
import argparse, asyncio, json, socket, ssl, sys, threading, time, warnings
from aiosmtpd.smtp import SMTP, AuthResult

warnings.simplefilter("ignore")
words = argparse.ArgumentParser()
words.add_argument("security", choices=["tls", "starttls", "none"])
words.add_argument("behaviour", choices=["ok", "old", "plain", "refuse-sender", "refuse-sender-for-good", "refuse-later", "refuse-rcpt", "refuse-data", "hang", "drop", "weak", "old-tls", "odd-cipher", "client-cert", "tls-later", "tls-never", "deaf", "mute", "drip"])
words.add_argument("--cert")
words.add_argument("--key")
words.add_argument("--login")
said = words.parse_args()


def treat_badly(caller):
    print("somebody is here", flush=True)
    if said.behaviour == "drip":
        # The head of a TLS record, or a greeting: what follows never ends.
        caller.sendall(b"\x16\x03\x03\x40\x00" if said.security == "tls" else b"220 ")
        while True:
            caller.sendall(b"\x02")
            time.sleep(0.1)
    time.sleep(3600)


def serve_badly():
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = listener.getsockname()[1]
    if said.behaviour == "deaf":
        # One waits to be let in, so that for the next there is no room.
        waiting = [socket.socket() for _ in range(3)]
        for caller in waiting:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
    else:
        def accept():
            while True:
                threading.Thread(target=treat_badly, args=[listener.accept()[0]], daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
    print(port, flush=True)
    sys.stdin.read()
    sys.exit()


if said.behaviour in ("deaf", "mute", "drip"):
    serve_badly()


class Behaviour:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if said.behaviour == "refuse-sender":
            return "450 4.7.1 who are you"
        if said.behaviour == "refuse-sender-for-good":
            return "553 5.7.1 nobody here sends as you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if said.behaviour == "refuse-later":
            return "451 4.3.2 come back later, please"
        if said.behaviour == "refuse-rcpt":
            return "550 5.1.1 nobody of that name lives here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if said.behaviour == "hang":
            print("here it hangs", flush=True)
            await asyncio.sleep(3600)
        if said.behaviour == "drop":
            server.transport.abort()
            return "451 gone"
        if said.behaviour == "refuse-data":
            return "554 5.7.1 this looks like spam"
        letter = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "data": envelope.content.decode("utf-8")}
        print(json.dumps(letter), flush=True)
        return "250 2.0.0 taken as number 4711"


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=f"{data.login.decode()}:{data.password.decode()}" == said.login, handled=False)


context = None
if said.security != "none":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if said.behaviour in ("weak", "old-tls"):
        context.set_ciphers("ALL:@SECLEVEL=0")
    if said.behaviour == "old-tls":
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    if said.behaviour == "odd-cipher":
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES256-SHA:ECDHE-ECDSA-AES256-SHA")
    context.load_cert_chain(said.cert, said.key)
    if said.behaviour == "client-cert":
        context.load_verify_locations(said.cert)
        context.verify_mode = ssl.CERT_REQUIRED


class Old(SMTP):
    async def smtp_EHLO(self, hostname):
        await self.push("502 5.5.1 what is EHLO")


class Broken(SMTP):
    async def smtp_STARTTLS(self, arg):
        later = said.behaviour == "tls-later"
        await self.push("454 4.7.0 TLS is out of order today" if later else "554 5.7.3 no TLS for you")


def session():
    kinds = {"old": Old, "tls-later": Broken, "tls-never": Broken}
    return kinds.get(said.behaviour, SMTP)(
        Behaviour(),
        enable_SMTPUTF8=said.behaviour != "plain",
        tls_context=context if said.security == "starttls" else None,
        require_starttls=said.security == "starttls",
        authenticator=sign_in if said.login else None,
        auth_required=bool(said.login),
        auth_require_tls=False,
    )


async def serve():
    loop = asyncio.get_running_loop()
    implicit = context if said.security == "tls" else None
    server = await loop.create_server(session, "127.0.0.1", 0, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started us holds our standard input open; when they are gone, so are we.
    await loop.run_in_executor(None, sys.stdin.read)
    loop.stop()


try:
    asyncio.run(serve())
except RuntimeError:
    pass
