#!/usr/bin/env python3
"""Makes the lab of ../shared/sip work against a Linekey: adds people and devices over HTTP, and writes the lab's files from
what it answers, because Linekey throws its devices' names and secrets itself.

usage: lab.py LAB URL PASSWORD [USERS=200] [FIRST=1000] [ALGORITHM=MD5]
LAB: a folder that setup.sh laid out. URL: where the appliance says it is ready. PASSWORD: the one-time password of `admin`,
or `cookie:` and the cookie of an administrator's session.
Writes users.csv, calls.csv, badpw.csv, unknown.csv and users.json, and the accounts of the baresip pairs.
"""
import glob
import http.client
import json
import re
import sys
import urllib.parse

lab, url, password = sys.argv[1:4]
count = int(sys.argv[4]) if len(sys.argv) > 4 else 200
first = int(sys.argv[5]) if len(sys.argv) > 5 else 1000
algorithm = sys.argv[6] if len(sys.argv) > 6 else "MD5"
place = urllib.parse.urlsplit(url)
domain = place.hostname
wire = http.client.HTTPConnection("127.0.0.1", place.port)
cookie = None


def ask(method, path, body=None, fine=(200, 201, 204)):
    global cookie
    fields = {"Host": place.netloc, "Origin": url, "Sec-Fetch-Site": "same-origin"}
    if body is not None:
        fields["Content-Type"] = "application/json"
    if cookie:
        fields["Cookie"] = cookie
    wire.request(method, path, None if body is None else json.dumps(body), fields)
    answer = wire.getresponse()
    text = answer.read().decode()
    if answer.getheader("Set-Cookie"):
        cookie = answer.getheader("Set-Cookie").split(";")[0]
    if answer.status not in fine:
        sys.exit(f"{method} {path}: {answer.status} {text}")
    return json.loads(text) if text else None


if password.startswith("cookie:"):
    cookie = password.removeprefix("cookie:")
else:
    ask("POST", "/api/sign-in/password", {"username": "admin", "password": password})
users = []
for extension in map(str, range(first, first + count)):
    ask("POST", "/api/people", {"extension": extension, "name": f"Lab {extension}"})
    device = ask("POST", "/api/devices", {"extension": extension, "algorithm": algorithm})
    shown = ask("POST", f"/api/devices/{device['id']}/secret")
    while shown["secret"].startswith("0x"):  # sipp takes that for hexadecimal digits
        shown = ask("POST", f"/api/devices/{device['id']}/secret", {"rotate": True})
    users.append((extension, shown["username"], shown["secret"]))
ask("PATCH", "/api/settings", {"phones": True})


def write(name, lines):
    with open(f"{lab}/{name}", "w") as file:
        file.write("SEQUENTIAL\n" + "".join(f"{line}\n" for line in lines))


def sign(name, secret):
    return f"[authentication username={name} password={secret}]"


write("users.csv", [f"{number};{domain};{sign(name, secret)}" for number, name, secret in users])
called = [number for number, _, _ in users[1:] + users[:1]]
write("calls.csv", [f"{number};{domain};{sign(name, secret)};{to}" for (number, name, secret), to in zip(users, called)])
write("badpw.csv", [f"{number};{domain};{sign(name, 'wrong' + secret)}" for number, name, secret in users])
write("unknown.csv", [f"{90000 + i};{domain};{sign(90000 + i, 'x' * 20)}" for i in range(count)])
with open(f"{lab}/users.json", "w") as file:
    json.dump({name: secret for _, name, secret in users}, file)
by_number = {number: (name, secret) for number, name, secret in users}
for path in glob.glob(f"{lab}/baresip-*/accounts"):
    with open(path) as file:
        text = file.read()
    name, secret = by_number[re.search(r"sip:(\d+)@", text).group(1)]
    text = re.sub(r"auth_user=[^;]*", f"auth_user={name}", text)
    with open(path, "w") as file:
        file.write(re.sub(r"auth_pass=[^;]*", f"auth_pass={secret}", text))
print(f"{len(users)} devices; DOM={domain}")
