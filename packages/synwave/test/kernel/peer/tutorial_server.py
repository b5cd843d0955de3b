"""What tutorials serve with Python's `socket`: `echo PORT`, `command PORT`. Short connections: one request each; long ones: until the end."""
import socket
import subprocess
import sys
import threading

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


def echo(conn):
    while True:
        data = conn.recv(1024)
        if not data:
            break
        conn.sendall(data)


def command(conn):
    """A line is a command; the answer is its length in a line, and then what it printed."""
    buffered = b""
    while True:
        while b"\n" not in buffered:
            data = conn.recv(1024)
            if not data:
                return
            buffered += data
        line, buffered = buffered.split(b"\n", 1)
        done = subprocess.run(line.decode(), shell=True, capture_output=True)
        out = done.stdout + done.stderr
        conn.sendall(b"%d\n" % len(out) + out)


def serve(conn):
    with conn:
        {"echo": echo, "command": command}[kind](conn)


with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(5)
    print("listens", flush=True)
    while True:
        conn, addr = server.accept()
        threading.Thread(target=serve, args=(conn,), daemon=True).start()
