"""The peer of `dipnet bench exchange`: PyTorch's all_reduce over Gloo (TCP) between processes of this host, sums checked.

One JSON line. Run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1. With --place NAMESPACE=ADDRESS for each process in turn they run in network namespaces.
"""
import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import time

import torch
import torch.distributed as dist


def run(options):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=options.rank, world_size=options.world)
    gradient = torch.zeros(options.mib << 18)
    times = []
    cpu = []
    for _ in range(options.runs + 3):
        gradient.fill_(options.rank + 1)
        dist.barrier()
        used, begin = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
        dist.all_reduce(gradient)
        times.append(time.perf_counter() - begin)
        end = resource.getrusage(resource.RUSAGE_SELF)
        cpu.append((end.ru_utime - used.ru_utime, end.ru_stime - used.ru_stime))
    assert bool((gradient == options.world * (options.world + 1) / 2).all()), "the sum is wrong"
    median = sorted(times[3:])[options.runs // 2]
    if options.rank == 0:
        sent = 2 * (options.world - 1) / options.world * options.mib / 1024
        user, system = (sum(c[i] for c in cpu[3:]) / options.runs for i in (0, 1))
        print(json.dumps({
            "case": f"gloo/{'namespaces' if options.place else 'tcp'}/fp32/{options.world}x{options.mib}MiB",
            "milliseconds": round(median * 1e3, 3),
            "busGiBps": round(sent / median, 3),
            # Of this process for what it sends; all processes do alike.
            "cpuSecondsPerGiB": round((user + system) / sent, 3),
            "note": f"CPU s/GiB: user {user / sent:.2f}, system {system / sent:.2f}",
        }), flush=True)
    dist.destroy_process_group()


def start(options):
    """One process a rank, as `torchrun` starts them; the first one's address is the meeting point."""
    places = [place.split("=") for place in options.place] or [(None, "127.0.0.1")] * options.world
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "MASTER_ADDR": places[0][1], "MASTER_PORT": str(port), "GLOO_SOCKET_IFNAME": options.interface}
    processes = []
    for rank, (space, _) in enumerate(places):
        enter = ["ip", "netns", "exec", space] if space else []
        processes.append(subprocess.Popen([*enter, sys.executable, *sys.argv, "--rank", str(rank)], env=environment))
    codes = [process.wait() for process in processes]
    sys.exit(max(abs(code) for code in codes))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", type=int)
    parser.add_argument("mib", type=int)
    parser.add_argument("runs", type=int, nargs="?", default=21)
    parser.add_argument("--place", action="append", default=[], help="NAMESPACE=ADDRESS of each process in turn")
    parser.add_argument("--interface", default="lo")
    parser.add_argument("--rank", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    run(arguments) if arguments.rank is not None else start(arguments)
