"""What the peers of training have in common: their options, and the loop of steps that is timed."""
import contextlib
import os
import sys
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn.parallel import DistributedDataParallel

WARM_UP = 3


def add_options(parser, width, batch, port):
    parser.add_argument("--width", type=int, default=width)
    parser.add_argument("--depth", type=int, default=6)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--microbatches", type=int, default=1, help="parts of a process's batch whose gradients are added up before a step")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--steps", type=int, default=15, help=f"the first {WARM_UP} do not count")
    parser.add_argument("--port", type=int, default=port)


def start(run, options):
    """Runs run(rank, options) in each worker. Options that do not fit are a line on standard error and exit code 2; no GPU is code 3."""
    problem, code = None, 2
    if options.microbatches < 1 or options.batch % options.microbatches != 0:
        problem = f"--microbatches is {options.microbatches}: it must divide --batch, {options.batch}"
    elif options.device == "cuda" and options.workers > 1:
        problem = f"--workers is {options.workers}: on a GPU it must be 1"
    elif options.steps <= WARM_UP:
        problem = f"--steps is {options.steps}: it must be more than {WARM_UP}"
    elif options.device == "cuda" and not torch.cuda.is_available():
        problem, code = "--device cuda: PyTorch sees no GPU", 3
    if problem:
        print(f"{os.path.basename(sys.argv[0])}: {problem}", file=sys.stderr)
        sys.exit(code)
    if options.workers == 1:
        run(0, options)
    else:
        mp.spawn(run, args=(options,), nprocs=options.workers)


def median_step(rank, options, model, inputs, targets, loss):
    """Seconds of a step: forward and backward of every part, AdamW, and the loss read once, as a trainer that logs does. The batch stays on the device.

    fp32 is fp32 on a GPU as well: TF32 is off for products, as libtorch has it, and for convolutions, where libtorch has it on.
    """
    device, gpu = torch.device(options.device), options.device == "cuda"
    if gpu:
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
    model = model.to(device)
    if options.workers > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(options.port), GLOO_SOCKET_IFNAME="lo")
        dist.init_process_group("gloo", rank=rank, world_size=options.workers)
        model = DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, **({"fused": True} if gpu else {}))
    parts = list(zip(inputs.to(device).chunk(options.microbatches), targets.to(device).chunk(options.microbatches)))
    times = []
    for _ in range(options.steps):
        if gpu:
            torch.cuda.synchronize()
        begin = time.perf_counter()
        optimizer.zero_grad()
        total = torch.zeros((), device=device)
        for i, (x, y) in enumerate(parts):
            # Processes exchange the sum, in the last part's backward.
            waits = options.workers > 1 and i < len(parts) - 1
            with model.no_sync() if waits else contextlib.nullcontext():
                with autocast(options):
                    value = loss(model(x), y) / len(parts)
                value.backward()
            total += value.detach()
        optimizer.step()
        total.item()
        if gpu:
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    times = sorted(times[WARM_UP:])
    return times[len(times) // 2]


def autocast(options):
    return torch.autocast(options.device, dtype=torch.bfloat16) if options.precision == "bf16" else contextlib.nullcontext()


def suffix(options):
    """The end of a case's name: what is not as usual."""
    return ((f" microbatches {options.microbatches}" if options.microbatches > 1 else "")
            + (f" compute {options.precision}" if options.precision != "fp32" else "")
            + (f" on {options.device}" if options.device != "cpu" else ""))


def note(options, parameters):
    place = f", {torch.cuda.get_device_name()}" if options.device == "cuda" else ""
    return f"torch {torch.__version__}, {parameters / 1e6:.2f} M parameters{place}"
