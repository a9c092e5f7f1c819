"""A real mail server (aiosmtpd) that behaves as it is told. Prints its port, then each letter as a line of JSON.

mail_server.py {tls|starttls|none} {ok|refuse-later|refuse-rcpt|refuse-data|hang|drop} [--cert FILE --key FILE] [--login NAME:PASSWORD]
"""
import argparse, asyncio, json, ssl, sys, warnings
from aiosmtpd.smtp import SMTP, AuthResult

warnings.simplefilter("ignore")
words = argparse.ArgumentParser()
words.add_argument("security", choices=["tls", "starttls", "none"])
words.add_argument("behaviour", choices=["ok", "refuse-later", "refuse-rcpt", "refuse-data", "hang", "drop"])
words.add_argument("--cert")
words.add_argument("--key")
words.add_argument("--login")
said = words.parse_args()


class Behaviour:
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
    context.load_cert_chain(said.cert, said.key)


def session():
    return SMTP(
        Behaviour(),
        enable_SMTPUTF8=True,
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
