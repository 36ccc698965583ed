"""Ports for what tests start."""

import random
import socket

# Below what the system lends to outgoing connections (Linux from 32768, macOS and Windows from
# 49152): a port that is free when it is picked is not taken by one of those before it is used.
PICKED = range(20_000, 32_000)


def free_port() -> int:
    """A port of loopback on which nothing listens, for a process that opens it by itself."""
    while True:
        port = random.SystemRandom().choice(PICKED)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def held_port() -> tuple[socket.socket, int]:
    """A listening socket of loopback and its port, for a server in this process."""
    listening = socket.create_server(("127.0.0.1", 0))
    # Connections inherit it; without it every answer waits 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening, listening.getsockname()[1]
