"""What tutorials call with Python's `socket`: `short`, `long` (echo, in many connections or in one), `command`. Prints what comes back."""
import socket
import sys

kind, address, port, *rest = sys.argv[1:]
place = (address, int(port))


def exactly(conn, count):
    data = b""
    while len(data) < count:
        more = conn.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def line(conn):
    data = b""
    while not data.endswith(b"\n"):
        more = conn.recv(1)
        if not more:
            raise EOFError
        data += more
    return data


if kind == "short":
    for word in rest:
        with socket.create_connection(place) as s:
            s.sendall(word.encode())
            print(exactly(s, len(word.encode())).decode())
elif kind == "long":
    with socket.create_connection(place) as s:
        for word in rest:
            s.sendall(word.encode())
            print(exactly(s, len(word.encode())).decode())
else:
    with socket.create_connection(place) as s:
        for words in rest:
            s.sendall(words.encode() + b"\n")
            sys.stdout.write(exactly(s, int(line(s))).decode())
