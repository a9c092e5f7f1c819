"""Phones and strangers for the bench and the soak: REGISTER with digest (MD5) over UDP and TLS, and a flood of requests of
nobody. `phones.py flood PORT SECONDS RATE`, `strangers PORT COUNT` and `sign-ins URL SECONDS FILE` are processes of their own.
"""

import hashlib
import json
import os
import random
import re
import selectors
import socket
import ssl
import sys
import time

DOMAIN = os.environ.get("LINEKEY_DOMAIN", "lab.test")
T1, T2 = 0.5, 4.0  # seconds (RFC 3261 §17.1.2.2)


def md5(*parts):
    return hashlib.md5(":".join(parts).encode()).hexdigest()


def token():
    return f"{random.getrandbits(64):016x}"


class Phone:
    """One device: what it sends, and whether it is registered."""

    def __init__(self, extension, name, secret, transport="UDP"):
        self.extension, self.name, self.secret, self.transport = extension, name, secret, transport
        self.call, self.cseq, self.registered, self.challenge = token(), 0, False, None
        self.due, self.pause, self.request = 0.0, T1, b""

    def register(self, port):
        self.cseq += 1
        line = ""
        if self.challenge:
            realm, nonce = self.challenge
            uri, cnonce = f"sip:{DOMAIN}", token()
            ha1, ha2 = md5(self.name, realm, self.secret), md5("REGISTER", uri)
            response = md5(ha1, nonce, "00000001", cnonce, "auth", ha2)
            line = (
                f'Authorization: Digest username="{self.name}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
                f'response="{response}", algorithm=MD5, cnonce="{cnonce}", qop=auth, nc=00000001\r\n'
            )
        place, user = f"127.0.0.1:{port}", f"<sip:{self.extension}@{DOMAIN}>"
        self.request = (
            f"REGISTER sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/{self.transport} {place};rport;branch=z9hG4bK{token()}\r\n"
            f"Max-Forwards: 70\r\nFrom: {user};tag={token()}\r\nTo: {user}\r\nCall-ID: {self.call}\r\n"
            f"CSeq: {self.cseq} REGISTER\r\nContact: <sip:{self.extension}@{place};transport={self.transport.lower()}>\r\n"
            f"Expires: 3600\r\n{line}Content-Length: 0\r\n\r\n"
        ).encode()
        self.pause = T1
        return self.request

    def hear(self, answer):
        """True: it has to send again."""
        status = int(answer.split(b" ", 2)[1])
        if status == 401:
            said = answer.decode()
            self.challenge = re.search(r'realm="([^"]*)"', said)[1], re.search(r'nonce="([^"]*)"', said)[1]
            return True
        self.registered = self.registered or status == 200
        return False


def all_at_once(port, accounts, patience):
    """Registers phones over UDP, all at once, each from a socket of its own and sending again what is not answered. Seconds
    until the last one is registered, or none; and the sockets, which stay bound."""
    pick, phones, began = selectors.DefaultSelector(), [], time.monotonic()
    for account in accounts:
        phone = Phone(*account)
        phone.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        phone.socket.bind(("127.0.0.1", 0))
        phone.socket.connect(("127.0.0.1", port))
        phone.socket.setblocking(False)
        pick.register(phone.socket, selectors.EVENT_READ, phone)
        phones.append(phone)

    def send(phone):
        try:
            phone.socket.send(phone.request)
        except OSError:
            pass
        phone.due, phone.pause = time.monotonic() + phone.pause, min(2 * phone.pause, T2)

    for phone in phones:
        phone.register(phone.socket.getsockname()[1])
        send(phone)
    left = len(phones)
    while left and time.monotonic() - began < patience:
        for key, _ in pick.select(0.05):
            phone = key.data
            try:
                answer = phone.socket.recv(65535)
            except OSError:
                continue
            was = phone.registered
            if phone.hear(answer) and not was:
                phone.register(phone.socket.getsockname()[1])
                send(phone)
            left -= phone.registered and not was
        now = time.monotonic()
        for phone in phones:
            if not phone.registered and now >= phone.due:
                send(phone)
    pick.close()
    return (None if left else time.monotonic() - began), [phone.socket for phone in phones]


def over_tls(port, account):
    """A phone that is registered over its own TLS connection, which it returns."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    wire = context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10), server_hostname=DOMAIN)
    phone = Phone(*account, transport="TLS")
    wire.sendall(phone.register(wire.getsockname()[1]))
    while not phone.registered:
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += wire.recv(65535) or sys.exit("the connection ended")
        if phone.hear(answer):
            wire.sendall(phone.register(wire.getsockname()[1]))
    return wire


def flood(port, seconds, rate):
    """Requests of nobody from many addresses: REGISTER, OPTIONS of a scanner, INVITE, wrong credentials, noise."""
    sockets = []
    for host in range(2, 66):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((f"127.0.0.{host}", 0))
        one.setblocking(False)
        sockets.append(one)
    wrong = (
        f'Authorization: Digest username="1000", realm="{DOMAIN}", nonce="0123456789abcdef0123456789abcdef", '
        f'uri="sip:{DOMAIN}", response="{"0" * 32}", algorithm=MD5, cnonce="c0ffee", qop=auth, nc=00000001\r\n'
    )
    scanner = "User-Agent: friendly-scanner\r\n"
    kinds = [("REGISTER", "", ""), ("OPTIONS", "", scanner), ("INVITE", "1001@", ""), ("REGISTER", "", wrong)]
    began, sent, lost = time.monotonic(), 0, 0
    while (now := time.monotonic() - began) < seconds:
        for _ in range(max(0, int(now * rate) - sent)):
            method, user, more = kinds[sent % 5] if sent % 5 < 4 else ("", "", "")
            message = (
                f"{method} sip:{user}{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{sent:x}\r\n"
                f"Max-Forwards: 70\r\nFrom: <sip:1000@{DOMAIN}>;tag={sent:x}\r\nTo: <sip:1000@{DOMAIN}>\r\nCall-ID: {sent:x}\r\n"
                f"CSeq: 1 {method}\r\nContact: <sip:1000@127.0.0.1:9>\r\n{more}Content-Length: 0\r\n\r\n"
            ).encode() if method else random.randbytes(200)
            try:
                sockets[sent % len(sockets)].sendto(message, ("127.0.0.1", port))
            except OSError:
                lost += 1
            sent += 1
        time.sleep(0.002)
    print(sent / seconds, lost)


def strangers(port, count):
    """REGISTERs without credentials, each answered before the next one."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect(("127.0.0.1", port))
    one.settimeout(1)
    place = one.getsockname()[1]
    for number in range(count):
        one.send(Phone(str(90_000 + number), "", "").register(place))
        try:
            one.recv(65535)
        except TimeoutError:
            pass


def sign_ins(url, seconds, path):
    """Passkey sign-ins one after another; the milliseconds of each go to the file."""
    from passkey import Browser, Passkey

    with open(path) as file:
        said = json.load(file)
    browser = Browser(url)
    passkey = object.__new__(Passkey)
    passkey.__dict__.update({**said, "id": bytes.fromhex(said["id"])})
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        passkey.sign_in(browser)
        took.append((time.monotonic() - began) * 1000)
        time.sleep(0.01)
    print(json.dumps(took))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["flood", port, seconds, rate]:
            flood(int(port), float(seconds), int(rate))
        case ["strangers", port, count]:
            strangers(int(port), int(count))
        case ["sign-ins", url, seconds, path]:
            sign_ins(url, float(seconds), path)
        case _:
            sys.exit(__doc__)
