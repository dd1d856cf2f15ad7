#!/usr/bin/env bash
# usage: netem.sh [MIB [RUNS]] (as root): two network namespaces with 1 ms of delay and 1 Gbit/s each way between them; Gloo's all-reduce and ours in turn.
# veth and tc-netem where the kernel has them, else line.py. Prints every line, then the share of the line's rate that each reaches.
# Only the two namespaces that it makes are used, and they are removed however it ends.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mib=${1:-25} runs=${2:-7} rate=1000 delay=1
[ "$(id -u)" = 0 ] || { echo 'netem.sh: network namespaces need root' >&2; exit 3; }
for tool in ip tc; do
    command -v "$tool" >/dev/null || { echo "netem.sh: $tool is missing (Debian: iproute2)" >&2; exit 3; }
done
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
one=dipnet-$$-0 two=dipnet-$$-1
scratch=$(mktemp -d)
lines=$scratch/lines
cleanup() {
    exec 8>&- || true
    # Its input may be held open by what the commands below left running, e.g. a compiler server.
    [ -z "${carrier:-}" ] || kill "$carrier" 2>/dev/null || true
    for space in "$one" "$two"; do
        ip netns pids "$space" 2>/dev/null | xargs -r kill 2>/dev/null || true
        ip netns del "$space" 2>/dev/null || true
    done
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM
ip netns add "$one"
ip netns add "$two"
ip -n "$one" link add wire0 type veth peer name wire0 netns "$two"
line='tc-netem'
for space in "$one" "$two"; do
    ip netns exec "$space" tc qdisc add dev wire0 root netem delay ${delay}ms rate ${rate}mbit limit 10000 2>/dev/null || line=line.py
done
if [ $line = line.py ]; then
    ip -n "$one" link del wire0
    mkfifo "$scratch/end" "$scratch/ready"
    /usr/bin/python3 "$here/line.py" "$one" "$two" wire0 $rate $delay <"$scratch/end" >"$scratch/ready" &
    carrier=$!
    exec 8>"$scratch/end"
    read -r _ <"$scratch/ready"
    # As large as what segmentation offload hands to a veth.
    for space in "$one" "$two"; do ip -n "$space" link set wire0 mtu 65000; done
fi
echo "line: $line, $rate Mbit/s, $delay ms each way" >&2
for i in 0 1; do
    space=dipnet-$$-$i
    ip -n "$space" addr add "192.0.2.$((i + 1))/24" dev wire0
    ip -n "$space" link set lo up
    ip -n "$space" link set wire0 up
done
for transport in lane grpc; do
    /usr/bin/python3 "$here/gloo_all_reduce.py" 2 "$mib" "$runs" --place "$one=192.0.2.1" --place "$two=192.0.2.2" --interface wire0 | tee -a "$lines"
    "$here/../../../dipnet" bench exchange --workers 2 --mib "$mib" --runs "$runs" --transport "$transport" \
        --place "$one=192.0.2.1" --place "$two=192.0.2.2" --line-rate $rate --json | tee -a "$lines"
done
/usr/bin/python3 - "$lines" $rate >&2 <<'PYTHON'
import json
import sys

# Both directions are loaded alike, so bus bandwidth is what one direction carries.
line = float(sys.argv[2]) * 1e6 / 8 / 2**30
for case in map(json.loads, open(sys.argv[1])):
    print(f"{case['case']}: {100 * case['busGiBps'] / line:.1f} % of {sys.argv[2]} Mbit/s")
PYTHON
