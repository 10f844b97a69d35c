#!/usr/bin/env python3
"""Measures what an agent that floods its output costs a release build of linecook.

    swift build -c release --product linecook
    Tests/Benchmarks/output.py --server PATH/server.py [--python PYTHON] [--gigabytes 1]

The agent prints so many gigabytes in lines of 4 KB, a line of 200 MB, bytes that are no text, and only then what counts. Told are
the peaks of resident memory of the daemon and of the attempt's process, their processor time, and what is kept.
The server is as for forty-tickets.py. Everything lies in a temporary folder.
"""
import argparse
import glob
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("forty", HERE / "forty-tickets.py")
forty = importlib.util.module_from_spec(specification)
specification.loader.exec_module(forty)

AGENT = """#!/bin/sh
echo work > work.txt
echo '{{"event":"message","text":"first"}}'
head -c {bytes} /dev/zero | tr '\\0' x | fold -w 4000
echo
head -c 200000000 /dev/zero | tr '\\0' x
printf '\\n\\377\\376\\0\\033[2J\\n'
yes 'an error, and another' | head -c {errors} >&2
echo '{{"event":"message","text":"last"}}'
sleep 2
"""


def figures(pid):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return {"peak_mb": round(int(status["VmHWM"].split()[0]) / 1024, 1),
            "cpu_s": (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=HERE.parents[1] / ".build/release/linecook")
    parser.add_argument("--server", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--gigabytes", type=float, default=1)
    options = parser.parse_args()
    size = int(options.gigabytes * 1e9)
    with tempfile.TemporaryDirectory() as folder:
        server = forty.Server(options, "--generate", "1", "--all-todo", "--free")
        try:
            site = forty.Site(folder, server.port)
            site.write("agent.sh", AGENT.format(bytes=size, errors=size // 10))
            workflow = site.root / "workflows/bench.yml"
            workflow.write_text(workflow.read_text().replace("timeout: 2m", "timeout: 20m"))
            began = time.monotonic()
            daemon = site.start(options.program, "--until-idle")
            before, latest = None, {}
            while daemon.poll() is None:
                for name, find in (("daemon", lambda: daemon.pid), ("attempt", lambda: attempt(folder))):
                    try:
                        latest[name] = figures(find())
                    except (OSError, IndexError, KeyError, ValueError):
                        continue
                if before is None and "attempt" in latest:
                    before = latest["daemon"]
                time.sleep(0.05)
            [place] = glob.glob(f"{folder}/state/runs/*/1/attempt-1")
            result = json.loads(Path(place, "result.json").read_text())
            print(json.dumps({
                "gigabytes": options.gigabytes, "seconds": round(time.monotonic() - began, 1), "outcome": result["outcome"],
                "last_message": result["agent"]["last_message"], "daemon_before": before, **latest,
                "kept_bytes": {name: os.path.getsize(f"{place}/{name}")
                               for name in ("agent.jsonl", "agent.stderr.log", "events.jsonl")}}, indent=2))
        finally:
            server.stop()


def attempt(folder):
    [record] = glob.glob(f"{folder}/state/runs/*/1/attempt-1/process.json")
    return json.loads(Path(record).read_text())["attempt"]["pid"]


if __name__ == "__main__":
    main()
