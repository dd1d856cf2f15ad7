"""The peer of `dipnet bench step`: PyTorch's DistributedDataParallel over Gloo on the same vision transformer, batch and threads, or one process on a GPU.

One JSON line a case: samples/s of all processes, median step. On the CPU run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1, or its BLAS takes every core. Debian's PyTorch uses
whichever BLAS is installed: without libopenblas0 it is the reference one, fifteen times slower, and no peer.
"""
import argparse
import json

import timed_training
import torch
import torch.nn as nn
import torch.nn.functional as F


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
        if x.is_cuda and hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v)
        else:
            mixed = (q @ k.transpose(-1, -2) / (d // self.heads) ** 0.5).softmax(-1) @ v
        x = x + self.proj(mixed.transpose(1, 2).reshape(n, t, d))
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
    x, y = torch.randn(options.batch, 1, 28, 28), torch.randint(0, 10, (options.batch,))
    median = timed_training.median_step(rank, options, model, x, y, F.cross_entropy)
    if rank == 0:
        print(json.dumps({
            "case": f"ddp width {options.width} depth {options.depth} batch {options.batch} workers {options.workers}{timed_training.suffix(options)}",
            "milliseconds": round(median * 1e3, 2),
            "samplesPerSecond": round(options.batch * options.workers / median, 2),
            "note": timed_training.note(options, parameters),
        }), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    timed_training.add_options(parser, width=192, batch=32, port=29611)
    timed_training.start(run, parser.parse_args())
