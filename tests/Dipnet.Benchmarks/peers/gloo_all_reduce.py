"""The peer of `dipnet bench exchange`: PyTorch's all_reduce over Gloo (TCP on the loopback) between processes of this host, sums checked.

Arguments: WORLD MIB [RUNS]. One JSON line. Run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1.
"""
import json
import os
import socket
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def run(rank, world, mib, runs, port):
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), GLOO_SOCKET_IFNAME="lo")
    dist.init_process_group("gloo", rank=rank, world_size=world)
    gradient = torch.zeros(mib << 18)
    times = []
    for _ in range(runs + 3):
        gradient.fill_(rank + 1)
        dist.barrier()
        begin = time.perf_counter()
        dist.all_reduce(gradient)
        times.append(time.perf_counter() - begin)
    assert bool((gradient == world * (world + 1) / 2).all()), "the sum is wrong"
    median = sorted(times[3:])[runs // 2]
    if rank == 0:
        sent = 2 * (world - 1) / world * mib / 1024
        print(json.dumps({
            "case": f"gloo/fp32/{world}x{mib}MiB",
            "milliseconds": round(median * 1e3, 3),
            "busGiBps": round(sent / median, 3),
        }), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    world, mib = int(sys.argv[1]), int(sys.argv[2])
    runs = int(sys.argv[3]) if len(sys.argv) > 3 else 21
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mp.spawn(run, args=(world, mib, runs, port), nprocs=world)
