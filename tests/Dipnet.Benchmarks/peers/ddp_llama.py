"""The peer of `dipnet bench language`: PyTorch's DistributedDataParallel over Gloo on the same Llama, batch, sequence length and threads, or one process on a GPU.

One JSON line a case: tokens/s of all processes, median step. On the CPU run with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1, or its BLAS takes every core. Debian's PyTorch uses
whichever BLAS is installed: without libopenblas0 it is the reference one, fifteen times slower, and no peer.
"""
import argparse
import json

import timed_training
import torch
import torch.nn as nn
import torch.nn.functional as F

HEAD = 64


def hidden_width(width):
    """8/3 of the width, up to a multiple of 64."""
    return (8 * width // 3 + 63) // 64 * 64


class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cosine, sine):
    cosine, sine = cosine.to(x.dtype), sine.to(x.dtype)
    first, second = x.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)


class Block(nn.Module):
    def __init__(self, dim, heads, kv_heads):
        super().__init__()
        self.heads, self.kv_heads = heads, kv_heads
        self.norm1, self.norm2 = Norm(dim), Norm(dim)
        self.q, self.o = nn.Linear(dim, dim, bias=False), nn.Linear(dim, dim, bias=False)
        self.k, self.v = nn.Linear(dim, kv_heads * HEAD, bias=False), nn.Linear(dim, kv_heads * HEAD, bias=False)
        hidden = hidden_width(dim)
        self.gate, self.up = nn.Linear(dim, hidden, bias=False), nn.Linear(dim, hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x, cosine, sine, mask):
        n, t, d = x.shape
        h = self.norm1(x)
        q = rotate(self.q(h).view(n, t, self.heads, HEAD).transpose(1, 2), cosine, sine)
        k = rotate(self.k(h).view(n, t, self.kv_heads, HEAD).transpose(1, 2), cosine, sine)
        v = self.v(h).view(n, t, self.kv_heads, HEAD).transpose(1, 2)
        group = self.heads // self.kv_heads
        if group > 1:
            k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
        if hasattr(F, "scaled_dot_product_attention"):
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        else:
            mixed = ((q * HEAD ** -0.5) @ k.transpose(-1, -2) + mask).softmax(-1) @ v
        x = x + self.o(mixed.transpose(1, 2).reshape(n, t, d))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, vocabulary, dim, depth, kv_heads, length):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, dim)
        self.blocks = nn.ModuleList(Block(dim, dim // HEAD, kv_heads) for _ in range(depth))
        self.norm = Norm(dim)
        angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, HEAD, 2) / HEAD)
        self.register_buffer("cosine", angles.cos())
        self.register_buffer("sine", angles.sin())
        self.register_buffer("mask", torch.full((length, length), float("-inf")).triu(1))
        for parameter in self.parameters():
            if parameter.ndim > 1:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, x):
        x = self.tokens(x)
        for block in self.blocks:
            x = block(x, self.cosine, self.sine, self.mask)
        return F.linear(self.norm(x), self.tokens.weight)


def run(rank, options):
    torch.set_num_threads(1)
    torch.manual_seed(rank)
    model = Llama(options.vocabulary, options.width, options.depth, options.kv_heads, options.length)
    parameters = sum(p.numel() for p in model.parameters())
    rows = torch.randint(0, options.vocabulary, (options.batch, options.length + 1))
    x, y = rows[:, :-1].contiguous(), rows[:, 1:].contiguous()
    median = timed_training.median_step(rank, options, model, x, y, lambda logits, ids: F.cross_entropy(logits.flatten(0, 1), ids.flatten()))
    if rank == 0:
        print(json.dumps({
            "case": f"ddp llama width {options.width} depth {options.depth} length {options.length} batch {options.batch} workers {options.workers}{timed_training.suffix(options)}",
            "milliseconds": round(median * 1e3, 2),
            "tokensPerSecond": round(options.batch * options.length * options.workers / median, 1),
            "note": timed_training.note(options, parameters),
        }), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    timed_training.add_options(parser, width=256, batch=4, port=29613)
    parser.add_argument("--kv-heads", type=int, default=2)
    parser.add_argument("--vocabulary", type=int, default=258)
    parser.add_argument("--length", type=int, default=256)
    timed_training.start(run, parser.parse_args())
