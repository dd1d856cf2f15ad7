"""The peer of `dipnet bench step`: PyTorch's DistributedDataParallel over Gloo on the same vision transformer, batch and threads.

One JSON line a case: samples/s of all processes, median step. Run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1, or its BLAS takes every core. Debian's PyTorch uses
whichever BLAS is installed: without libopenblas0 it is the reference one, fifteen times slower, and no peer.
"""
import argparse
import json
import os
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.parallel import DistributedDataParallel


class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-1, -2) / (d // self.heads) ** 0.5).softmax(-1)
        x = x + self.proj((weights @ v).transpose(1, 2).reshape(n, t, d))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class VisionTransformer(nn.Module):
    def __init__(self, dim, depth, heads):
        super().__init__()
        self.embedding = nn.Conv2d(1, dim, 4, 4)
        self.positions = nn.Parameter(torch.zeros(1, 49, dim))
        self.blocks = nn.Sequential(*[Block(dim, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, 10)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.embedding(x).flatten(2).transpose(1, 2) + self.positions)).mean(1))


def run(rank, options):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model = VisionTransformer(options.width, options.depth, options.width // 64)
    parameters = sum(p.numel() for p in model.parameters())
    if options.workers > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port), GLOO_SOCKET_IFNAME="lo")
        dist.init_process_group("gloo", rank=rank, world_size=options.workers)
        model = DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    x, y = torch.randn(options.batch, 1, 28, 28), torch.randint(0, 10, (options.batch,))
    times = []
    for _ in range(options.steps):
        begin = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        times.append(time.perf_counter() - begin)
    times = sorted(times[3:])
    median = times[len(times) // 2]
    if rank == 0:
        print(json.dumps({
            "case": f"ddp width {options.width} depth {options.depth} batch {options.batch} workers {options.workers}",
            "milliseconds": round(median * 1e3, 2),
            "samplesPerSecond": round(options.batch * options.workers / median, 2),
            "note": f"torch {torch.__version__}, {parameters / 1e6:.2f} M parameters",
        }), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=192)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--port", type=int, default=29611)
    options = parser.parse_args()
    if options.workers == 1:
        run(0, options)
    else:
        mp.spawn(run, args=(options,), nprocs=options.workers)
