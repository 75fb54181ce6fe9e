#!/usr/bin/env bash
# One model on the GPUs of some machines, started by PyTorch's launcher: on each machine
#   NODES=2 NODE=0 MASTER_ADDR=node0 docs/jobs/torchrun.sh
# with NODE 0, 1, ... torchrun starts a process for each GPU and tells it its rank; glow needs GLOW_NCCL=ON for it.
set -euo pipefail
torchrun --no-python --nnodes "${NODES:-1}" --node-rank "${NODE:-0}" --nproc-per-node "${GPUS:-8}" \
  --master-addr "${MASTER_ADDR:-localhost}" --master-port "${MASTER_PORT:-29500}" \
  build/bin/glow train --data "${DATA:-photos/}" --size 64x64 --preset reference-celeba64 --batch 512 --precision bf16 \
  --device cuda --out "${RUN:-runs/photos}"
