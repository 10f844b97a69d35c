#!/usr/bin/env python3
"""Counts what is left of the processes that agents leave behind, with a release build of linecook.

    swift build -c release --product linecook
    Tests/Benchmarks/left-behind.py --server PATH/server.py [--python PYTHON] [--tickets 100]

Each ticket's agent leaves a daemon of a double fork that holds its output and ignores SIGTERM, and a server in a session of
its own, and ends. Told are the processes with an attempt's mark that live at the end, the daemon's open files (the least, the
most, and at the end), its peak of resident memory and its processor time. The server is as for forty-tickets.py.
"""
import argparse
import glob
import importlib.util
import json
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("forty", HERE / "forty-tickets.py")
forty = importlib.util.module_from_spec(specification)
specification.loader.exec_module(forty)

AGENT = """#!/usr/bin/env python3
import os, signal, socket
def rest():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True: signal.pause()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: rest()
    os._exit(0)
if os.fork() == 0:
    os.setsid()
    server = socket.create_server(("127.0.0.1", 0))
    rest()
open("work.txt", "w").write(os.environ["LINECOOK_TICKET"])
"""


def marked(folder):
    """Pids of living processes that an attempt of this site started."""
    found = []
    for place in glob.glob("/proc/[0-9]*"):
        try:
            environment = Path(place, "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if any(entry.startswith(b"LINECOOK_WORKTREE=" + folder.encode()) or entry.startswith(b"LINECOOK_PROMPT=" + folder.encode())
               for entry in environment):
            found.append(int(place.split("/")[2]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=HERE.parents[1] / ".build/release/linecook")
    parser.add_argument("--server", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--tickets", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = forty.Server(options, "--generate", str(options.tickets), "--all-todo", "--free")
        try:
            site = forty.Site(folder, server.port)
            site.write("agent.sh", AGENT)
            daemon = site.start(options.program, "--until-idle")
            began, files, peak, used = time.monotonic(), [], 0, 0
            while daemon.poll() is None:
                try:
                    files.append(len(os.listdir(f"/proc/{daemon.pid}/fd")))
                    peak, used = max(peak, forty.memory(daemon.pid)), forty.processor(daemon.pid)
                except (OSError, ValueError, IndexError):
                    pass
                time.sleep(0.05)
            outcomes = [attempt["outcome"] for run in site.runs() for attempt in run["attempts"]]
            # The very last looks may meet the process on its way out.
            print(json.dumps({
                "seconds": round(time.monotonic() - began, 1), "attempts": len(outcomes),
                "outcomes": {name: outcomes.count(name) for name in set(outcomes)}, "left": len(marked(folder)),
                "open_files": {"least": min(files[5:-5]), "most": max(files), "end": files[-5]},
                "daemon_peak_mb": round(peak, 1), "daemon_cpu_s": used}, indent=2))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
