"""Asks a program for a passphrase on a terminal of its own, and ends it there: prompt.py KEYS|SIGNAL PROGRAM ARGUMENT… Prints its
exit status, and whether the terminal hid what was typed and shows it afterwards."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios

how, *command = sys.argv[1:]
ours, theirs = pty.openpty()


def shows():
    return bool(termios.tcgetattr(theirs)[3] & termios.ECHO)


def lead():
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, preexec_fn=lead)
seen = b""


def read_until(done):
    global seen
    while not done():
        ready, _, _ = select.select([ours], [], [], 0.05)
        if ready:
            seen += os.read(ours, 4096)


read_until(lambda: b"Passphrase of the backup: " in seen and not shows())
hidden = not shows()
if how == "KEYS":
    os.write(ours, b"\x03")
else:
    program.send_signal(getattr(signal, how))
read_until(lambda: program.poll() is not None)
print(program.returncode, "hidden" if hidden else "shown", "shown" if shows() else "hidden")
