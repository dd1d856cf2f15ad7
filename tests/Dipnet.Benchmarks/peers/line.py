"""A line between two network namespaces for kernels without tc-netem: each direction delays every packet and carries no more than its rate.

Arguments: NAMESPACE NAMESPACE DEVICE MBIT DELAY_MS. Makes a device of that name in both (root), says `ready`, and carries packets until its input ends.
"""
import collections
import contextlib
import ctypes
import fcntl
import os
import struct
import sys
import threading
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def device(space, name):
    """A packet device in the namespace; this process stays its other end."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{space}", os.O_RDONLY)
    libc = ctypes.CDLL(None, use_errno=True)
    try:
        if libc.setns(there, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"entering the namespace {space}")
        tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
        return tun
    finally:
        libc.setns(home, CLONE_NEWNET)
        os.close(home)
        os.close(there)


def carry(source, sink, rate, delay):
    wire = collections.deque()
    more = threading.Semaphore(0)

    def arrive():
        while True:
            more.acquire()
            due, packet = wire.popleft()
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            # A device that is not up takes nothing: the packet is lost, as on any line.
            with contextlib.suppress(OSError):
                os.write(sink, packet)

    threading.Thread(target=arrive, daemon=True).start()
    free = 0.0
    while True:
        packet = os.read(source, 1 << 16)
        free = max(free, time.monotonic()) + len(packet) * 8 / rate
        wire.append((free + delay, packet))
        more.release()
        # While the line is busy, what comes next waits in the device, as in a network card.
        wait = free - time.monotonic()
        if wait > 0.0005:
            time.sleep(wait)


def main():
    one, two = (device(space, sys.argv[3]) for space in sys.argv[1:3])
    rate, delay = float(sys.argv[4]) * 1e6, float(sys.argv[5]) / 1e3
    for source, sink in ((one, two), (two, one)):
        threading.Thread(target=carry, args=(source, sink, rate, delay), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
