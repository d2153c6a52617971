"""All benchmarks, or those named: python -m benchmarks [decide live import dashboards exports affinity]."""

import subprocess
import sys

BENCHMARKS = {
    "decide": "benchmarks.decide",
    "live": "benchmarks.live_payments",
    "import": "benchmarks.import_payments",
    "backtest": "benchmarks.backtest",
    "dashboards": "benchmarks.dashboards",
    "exports": "benchmarks.exports",
    "affinity": "benchmarks.affinity",
    "flow": "benchmarks.flow",
    "settlements": "benchmarks.settlements",
}


def main(names: list[str]) -> int:
    if unknown := set(names) - set(BENCHMARKS):
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
        return 2
    failed = 0
    for name in names or BENCHMARKS:
        print(f"\n--- {name} ---", flush=True)
        failed |= subprocess.run([sys.executable, "-m", BENCHMARKS[name]]).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
