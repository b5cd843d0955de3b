"""A socket of the kernel's that is driven by lines: `connect ADDRESS PORT`, `listen ADDRESS`, `accept`, `send N`, `recv N` ..."""
import errno
import socket
import struct
import sys

listener = None
sock = None


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def made(address):
    s = socket.socket(family(address))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return s


def listen(address, port="0"):
    global listener
    listener = made(address)
    listener.bind((address, int(port)))
    listener.listen()
    return listener.getsockname()[1]


def connect(address, port, local="0"):
    global sock
    sock = made(address)
    if local != "0":
        sock.bind(("", int(local)))
    sock.connect((address, int(port)))
    return "connected from %d" % sock.getsockname()[1]


def begin(address, port):
    """Connects, and does not wait for it."""
    global sock
    sock = made(address)
    sock.setblocking(False)
    sock.connect_ex((address, int(port)))
    sock.setblocking(True)
    return "begun"


def accept():
    global sock
    sock, _ = listener.accept()
    return "accepted"


def send(count):
    sock.sendall(bytes(i & 0xFF for i in range(int(count))))
    return "sent"


def recv(count):
    """Up to so many octets, or until the end."""
    got = b""
    while len(got) < int(count):
        more = sock.recv(int(count) - len(got))
        if not more:
            break
        got += more
    right = all(b == (i & 0xFF) for i, b in enumerate(got))
    return "%d %s" % (len(got), "right" if right else "wrong")


def text(words):
    sock.sendall(words.encode())
    return "sent"


def urgent(letter):
    sock.send(letter.encode(), socket.MSG_OOB)
    return "sent"


def oob():
    return sock.recv(1, socket.MSG_OOB).decode()


def shutdown():
    sock.shutdown(socket.SHUT_WR)
    return "shut"


def close():
    sock.close()
    return "closed"


def stop():
    listener.close()
    return "stopped"


def abort():
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    return "aborted"


def rcvbuf(octets):
    """For the sockets that `listener` accepts: it bounds their windows."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, int(octets))
    return "set"


def keepalive(idle, interval, count):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, int(idle))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, int(interval))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, int(count))
    return "set"


def short(address, port, times):
    """Connects, says a word, hears it, hears the end, closes: so many times. Answers how many went well."""
    good = 0
    for i in range(int(times)):
        s = socket.create_connection((address, int(port)))
        word = b"word %d" % i
        s.sendall(word)
        s.shutdown(socket.SHUT_WR)
        heard = b""
        while more := s.recv(100):
            heard += more
        s.close()
        good += heard == word
    return good


CALLS = dict(globals())

for line in sys.stdin:
    name, *words = line.split()
    try:
        answer = CALLS[name](*words)
    except OSError as error:
        answer = errno.errorcode.get(error.errno, str(error))
    print(answer, flush=True)
