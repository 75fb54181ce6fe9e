"""The parts of scripts/gpu_check: prepare.py makes a folder, run.py goes through steps.py with it."""
