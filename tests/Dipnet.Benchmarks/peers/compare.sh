#!/usr/bin/env bash
# usage: compare.sh [ROUNDS [WORKERS [MIB]]]: Gloo's all-reduce and ours in turn; prints every line, then the median of ours / Gloo's for each transport.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rounds=${1:-3} workers=${2:-2} mib=${3:-25}
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
for ((round = 0; round < rounds; round++)); do
    for transport in shm lane grpc; do
        /usr/bin/python3 "$here/gloo_all_reduce.py" "$workers" "$mib" | tee -a "$lines"
        "$here/../../../dipnet" bench exchange --workers "$workers" --mib "$mib" --transport "$transport" --json | tee -a "$lines"
    done
done
/usr/bin/python3 - "$lines" <<'PYTHON'
import json
import statistics
import sys

ratios, peer = {}, None
for line in map(json.loads, open(sys.argv[1])):
    if line["case"].startswith("gloo"):
        peer = line["milliseconds"]
    else:
        ratios.setdefault(line["case"], []).append(line["milliseconds"] / peer)
for case, values in ratios.items():
    print(f"{case}: {statistics.median(values):.3f} of Gloo's time, {min(values):.3f} to {max(values):.3f} in {len(values)} rounds")
PYTHON
