"""Starts Python as a fork of tests.loading, which has the tests loaded, and ends when that ends.

python -I -S tests/as_fork.py ADDRESS … -c PROGRAM
"""

import os
import socket
import sys

address, program = sys.argv[1], sys.argv[-1]
with socket.socket(socket.AF_UNIX) as loader:
    loader.connect(address)
    socket.send_fds(loader, [program.encode()], [0, 1, 2])
    for stream in (0, 1, 2):
        os.close(stream)  # else nobody would see them end with the fork
    loader.recv(1)
