#!/usr/bin/env python3
"""Measures a release build of linecook with 100,000 finished runs on disk, and checks that pruning takes exactly what it should.

    swift build -c release --product linecook
    Tests/Benchmarks/hundred-thousand-runs.py [--binary .build/release/linecook] [--runs 100000] [--rounds 3]

There are four runs a ticket, over three years, 300 of them in the last day, and 100 tickets whose newest run waits for a
person. Told are the seconds from the start of the daemon to its first request to Linear (answered by this script), its
resident memory, what `runs` and `status` take, and what `runs prune` does. All lies in a temporary folder.
"""
import argparse
import copy
import datetime
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
FIXTURE = HERE.parent / "RunStoreTests/Fixtures/second/runs/FRE-66/1"
DAY = datetime.timedelta(days=1)
CONFIGURATION = """state: ../state
workflows: ../workflows
linear: {{ endpoint: "http://127.0.0.1:{port}/graphql", token: $LINEAR_API_KEY }}
forge: local
"""
WORKFLOW = """name: demo
schedule: { every: 30s }
tickets: { team: FRE, states: [Todo] }
repository: { path: ../clone, base: develop }
agent: { kind: command, command: "true" }
prompt: { template: prompt.md }
"""
RUNS_AGE, LOGS_AGE = 365, 30


class Linear(http.server.BaseHTTPRequestHandler):
    """Has no answer; only when it's asked counts."""
    asked = []

    def do_POST(self):
        Linear.asked.append(time.time())
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_):
        pass


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def make(root, count, now):
    """Writes the state folder; the runs as (ticket, number, days since its end, whether it's open)."""
    record = json.loads((FIXTURE / "run.json").read_text())
    workflow = (FIXTURE / "workflow.json").read_bytes()
    log = b'{"event":"message","text":"I look at it."}\n' * 120
    runs, months = [], {}
    os.makedirs(root / "state/open", mode=0o700)
    os.makedirs(root / "state/history", mode=0o700)
    tickets = count // 4
    for ticket in range(1, tickets + 1):
        key = f"FRE-{ticket}"
        for number in range(1, 5):
            is_open = number == 4 and ticket <= 100
            # The newest of the last 300 tickets ended within the last day.
            recent = number == 4 and ticket > tickets - 300
            days = 0.9 * (tickets - ticket) / 300 if recent else 1.5 + (4 - number) * 270 + 240 * ticket / tickets
            ended = now - days * DAY
            run = copy.copy(record)
            run["ticket"] = {**record["ticket"], "key": key}
            run["run"] = number
            run["started"], run["ended"] = text(ended - datetime.timedelta(minutes=14)), text(ended)
            run["state"] = "needs_human" if is_open else "done"
            run["cleanup"] = "removed"
            run["tracker"] = {**record["tracker"], "told": run["state"]}
            attempt = {**record["attempts"][0], "outcome": "succeeded", "started": run["started"], "ended": run["ended"], "seconds": 840}
            run["attempts"] = [attempt]
            place = root / f"state/runs/{key}/{number}"
            os.makedirs(place / "attempt-1")
            (place / "run.json").write_text(json.dumps(run, indent=2))
            (place / "workflow.json").write_bytes(workflow)
            (place / "attempt-1/events.jsonl").write_bytes(log)
            (place / "attempt-1/result.json").write_text("{}\n")
            runs.append((key, number, days, is_open))
            if is_open:
                entry = {"schema": 1, "ticket": key, "run": number, "state": "needs_human", "summary": "Needs a person."}
                (root / f"state/open/{key}.json").write_text(json.dumps(entry))
                continue
            line = {"ticket": key, "run": number, "state": "done", "summary": "Merged pull request #12 after 1 attempt, 14 min, 1.83 USD.",
                    "title": "Project detail page", "workflow": "demo", "started": run["started"], "ended": run["ended"],
                    "attempts": 1, "seconds": 840.1, "cost_usd": 1.83}
            months.setdefault(run["ended"][:7], []).append((run["ended"], json.dumps(line)))
    for month, lines in months.items():
        (root / f"state/history/{month}.jsonl").write_text("".join(line + "\n" for _, line in sorted(lines)))
    return runs


def expected(runs):
    """What is to go, worked out here anew: runs, and runs that lose their logs."""
    open_tickets = {key for key, _, _, is_open in runs if is_open}
    closed = [run for run in runs if run[0] not in open_tickets]
    gone = {(key, number) for key, number, days, _ in closed if days > RUNS_AGE and number < 4}
    stripped = {(key, number) for key, number, days, _ in closed if days > LOGS_AGE and (key, number) not in gone}
    return gone, stripped


def timed(command, root, **options):
    began = time.time()
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, **options)
    return time.time() - began, result


def memory(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def measure(options, root, environment):
    del Linear.asked[:]
    began = time.time()
    daemon = subprocess.Popen([options.binary, "run"], cwd=root, env=environment, stderr=open(root / "daemon.log", "wb"))
    end = time.time() + 120
    while not Linear.asked and time.time() < end:
        time.sleep(0.002)
    if not Linear.asked:
        sys.exit((root / "daemon.log").read_text())
    first = Linear.asked[0] - began
    time.sleep(1)
    resident = memory(daemon.pid)
    listed, result = timed([options.binary, "runs"], root)
    assert len(result.stdout.splitlines()) == 31, result
    status, result = timed([options.binary, "status"], root)
    assert result.returncode == 0, result
    daemon.send_signal(signal.SIGTERM)
    daemon.wait()
    return {"first poll s": round(first, 3), "runs s": round(listed, 3), "status s": round(status, 3), "daemon MB": round(resident, 1)}


def prune(options, root, runs):
    command = [options.binary, "runs", "prune", "--older-than", f"{RUNS_AGE}d", "--logs-older-than", f"{LOGS_AGE}d",
               "--format", "json"]
    gone, stripped = expected(runs)
    looked, result = timed(command + ["--dry-run"], root)
    would = json.loads(result.stdout)
    took, result = timed(command, root)
    did = json.loads(result.stdout)
    assert did["steps"] == would["steps"], "the dry run says something else than what was done"
    assert did["kept"] == [] and did["problems"] == [], did["kept"][:3] + did["problems"][:3]
    found = {action: {(step["ticket"], step["run"]) for step in did["steps"] if step["action"] == action}
             for action in ("remove_run", "remove_logs")}
    assert found["remove_run"] == gone and found["remove_logs"] == stripped, "what went isn't what should have gone"
    for key, number, _, _ in runs:
        place = root / f"state/runs/{key}/{number}"
        assert (place / "run.json").exists() == ((key, number) not in gone), place
        logs = (place / "attempt-1/events.jsonl").exists()
        assert logs == ((key, number) not in gone | stripped), place
    told = {(line["ticket"], line["run"]) for path in (root / "state/history").iterdir()
            for line in map(json.loads, path.read_text().splitlines())}
    assert told == {(key, number) for key, number, _, is_open in runs if not is_open} - gone, "the history tells of other runs"
    again, _ = timed(command, root)
    return {"dry run s": round(looked, 1), "prune s": round(took, 1), "again s": round(again, 1), "summary": did["summary"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/release/linecook"))
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.binary = os.path.abspath(options.binary)
    root = Path(tempfile.mkdtemp(prefix="linecook-bench-"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Linear)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        for name in ("Config", "workflows"):
            (root / name).mkdir()
        (root / "Config/linecook.yml").write_text(CONFIGURATION.format(port=server.server_port))
        (root / "workflows/demo.yml").write_text(WORKFLOW)
        (root / "workflows/prompt.md").write_text("{{ ticket.key }}\n")
        subprocess.run(["git", "init", "-q", "-b", "develop", "clone"], cwd=root, check=True)
        runs = make(root, options.runs, datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None))
        environment = {**os.environ, "LINEAR_API_KEY": "lin_api_test"}
        for _ in range(options.rounds):
            print(json.dumps({"runs": len(runs), **measure(options, root, environment)}), flush=True)
        print(json.dumps(prune(options, root, runs)), flush=True)
        seconds, result = timed([options.binary, "runs", "reindex"], root)
        print(json.dumps({"reindex s": round(seconds, 1), "says": result.stdout.strip()}))
    finally:
        server.shutdown()
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
