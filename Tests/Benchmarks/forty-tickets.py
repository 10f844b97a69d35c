#!/usr/bin/env python3
"""Measures a release build of linecook on 40 tickets against a Linear-compatible server.

    swift build -c release --product linecook
    Tests/Benchmarks/forty-tickets.py --server PATH/server.py [--python PYTHON] [--rounds 3]
    Tests/Benchmarks/forty-tickets.py --server PATH/server.py --tickets 1000 [--slots 8] [--agent-seconds 0.05]

The server must take --generate, --all-todo, --free, --no-limits and --port, print its port as JSON on its first line,
and answer GET /_control/log and /_control/state. The agent takes 0.2 s, edits a file and commits; there are 8 slots, the
local forge, a bare remote, and the default poll interval of 30 s. Everything lies in a temporary folder. With --tickets
one crowd is worked instead, watched every 10 ms.
"""
import argparse
import collections
import datetime
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
AGENT = """#!/bin/sh -e
{record}
mkdir "{live}/$LINECOOK_TICKET"   # fails, and so does the agent, when the ticket is worked already
sleep {seconds}
echo "$LINECOOK_TICKET" > "work-$LINECOOK_TICKET.txt"
git add -A && git -c user.name=agent -c user.email=agent@example.com commit -qm "$LINECOOK_TICKET"
rmdir "{live}/$LINECOOK_TICKET"
"""
CONFIGURATION = """state: ../state
workflows: ../workflows
slots: {slots}
linear: {{ endpoint: "http://127.0.0.1:{port}/graphql", token: $LINEAR_API_KEY }}
forge: local
"""
WORKFLOW = """name: bench
tickets: {{ team: ENG, states: [{state}] }}
plan: {{ dependencies: [relations, parents, mentions] }}   # the made tickets all name the same few files
repository: {{ path: ../clone, base: develop, worktree: "../worktrees/{{{{ ticket.key }}}}" }}
slots: {{ total: {slots} }}
agent: {{ kind: command, command: ../agent.sh, timeout: 2m, stall: 1m }}
prompt: {{ template: prompt.md }}
"""


class Server:
    def __init__(self, options, *arguments):
        self.process = subprocess.Popen(
            [options.python, options.server, "--port", "0", "--no-limits", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = json.loads(self.process.stdout.readline())["port"]

    def get(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_control/{name}") as answer:
            return answer.read()

    def post(self, name, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/_control/{name}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request).read()

    def log(self):
        return [json.loads(line) for line in self.get("log").splitlines()]

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Site:
    def __init__(self, root, port, seconds=0.2, slots=8):
        self.root = Path(root)
        for name in ("Config", "workflows", "live"):
            (self.root / name).mkdir(parents=True)
        record = f'date "+%s.%N $LINECOOK_TICKET" >> "{self.root}/agents.txt"'
        self.write("agent.sh", AGENT.format(record=record, seconds=seconds, live=self.root / "live"))
        (self.root / "agent.sh").chmod(0o755)
        self.write("Config/linecook.yml", CONFIGURATION.format(port=port, slots=slots))
        self.write("workflows/bench.yml", WORKFLOW.format(state="Todo", slots=slots))
        self.write("workflows/prompt.md", "{{ ticket.key }}: {{ ticket.title }}\n")
        script = """git init -q --bare -b develop remote.git && git clone -q remote.git clone 2>/dev/null && cd clone
            git checkout -q -B develop && echo hello > README && git add README
            git -c user.name=a -c user.email=a@example.com commit -qm init && git push -q origin develop"""
        subprocess.run(["sh", "-ec", script], cwd=self.root, check=True)

    def write(self, name, text):
        (self.root / name).write_text(text)

    def start(self, binary, *arguments):
        environment = {**os.environ, "LINEAR_API_KEY": "lin_api_test"}
        return subprocess.Popen([binary, "run", *arguments], cwd=self.root, env=environment,
                                stdout=subprocess.DEVNULL, stderr=open(self.root / "daemon.log", "ab"))

    def runs(self):
        return [json.loads(Path(path).read_text()) for path in glob.glob(f"{self.root}/state/runs/*/[0-9]*/run.json")]


def memory(pid):
    """Resident memory in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def processor(pid):
    """User and system time in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition, what, limit=60.0):
    end = time.time() + limit
    while time.time() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    sys.exit(f"waited {limit:.0f} s for {what}")


def folder():
    return tempfile.mkdtemp(prefix="linecook-bench-")


def forty(options, kills=0):
    server = Server(options, "--generate", "40", "--all-todo", "--free")
    site = Site(folder(), server.port, seconds=0.2 if kills == 0 else 1)
    began = time.time()
    for number in range(kills):
        daemon = site.start(options.binary, "--until-idle")
        wait_for(lambda: len(site.runs()) >= 8 * (number + 1), "runs to begin")
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
    daemon = site.start(options.binary, "--until-idle")
    code = daemon.wait(timeout=180)
    seconds = time.time() - began
    log = server.log()
    world = json.loads(server.get("state"))["world"]
    names = {state["id"]: state["name"] for state in world["WorkflowState"]}
    comments = collections.Counter(comment["issueId"] for comment in world.get("Comment", []))
    branches = subprocess.run(["git", "-C", site.root / "remote.git", "branch"], capture_output=True, text=True).stdout
    runs = site.runs()
    result = {
        "seconds": seconds, "exit": code, "requests": len(log),
        "invalid": sum(entry["validated"] is not True for entry in log),
        "complexity": max(entry.get("complexity") or 0 for entry in log if entry["operationName"] == "Poll"),
        "in review": sum(names[issue["stateId"]] == "In Review" for issue in world["Issue"]),
        "most comments": max(comments.values(), default=0), "branches": len(branches.split("\n")) - 2,
        "pull requests": len(glob.glob(f"{site.root}/state/forge/pulls/*.json")),
        "attempts": sum(len(run["attempts"]) for run in runs),
        # What the slots were used for, of all that they could have been, from the first start to the last end.
        "slots used": slot_use(spans_of_attempts(runs)) if kills == 0 else None,
        "agents started": len((site.root / "agents.txt").read_text().splitlines()),
    }
    server.stop()
    shutil.rmtree(site.root)
    return result


def crowd(options):
    """Many tickets with short agents: each once, never more than there are slots, and what that takes."""
    server = Server(options, "--generate", str(options.tickets), "--all-todo", "--free")
    site = Site(folder(), server.port, seconds=options.agent_seconds, slots=options.slots)
    began = time.time()
    daemon = site.start(options.binary, "--until-idle")
    most = samples = resident = used = 0
    while daemon.poll() is None:
        most = max(most, len(os.listdir(site.root / "live")))
        if samples % 25 == 0:
            resident, used = max(resident, memory(daemon.pid)), processor(daemon.pid)
        samples += 1
        time.sleep(0.01)
    seconds = time.time() - began
    agents = [line.split()[1] for line in (site.root / "agents.txt").read_text().splitlines()]
    runs = site.runs()
    result = {
        "tickets": options.tickets, "slots": options.slots, "seconds": seconds, "exit": daemon.returncode,
        "agents started": len(agents), "tickets worked": len(set(agents)),
        "in review": sum(run["state"] == "in_review" for run in runs),
        "pull requests": len(glob.glob(f"{site.root}/state/forge/pulls/*.json")),
        "most agents at once": most, "samples": samples, "most attempts at once": most_attempts(runs),
        "slots worked": slot_use(spans_of_attempts(runs), options.slots), "slots held": slot_use(spans_of_slots(runs), options.slots),
        "seconds an attempt": round(sum(a["seconds"] for run in runs for a in run["attempts"]) / max(1, len(agents)), 3),
        "resident MB": round(resident, 1), "daemon's processor s": used,
        "requests": dict(collections.Counter(entry["operationName"] for entry in server.log())),
    }
    server.stop()
    shutil.rmtree(site.root)
    return result


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def spans_of_attempts(runs):
    return [(moment(a["started"]), moment(a["ended"])) for run in runs for a in run["attempts"]]


def most_attempts(runs):
    """By the records; of two at the same millisecond, the one that ends comes first."""
    steps = sorted(step for start, end in spans_of_attempts(runs) for step in ((start, 1), (end, -1)))
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most


def spans_of_slots(runs):
    """A slot is a ticket's from when it is asked of Linear to be claimed, which its record calls queued."""
    for run in runs:
        for attempt in run["attempts"]:
            start = moment(attempt["started"])
            before = [step for step in run["timeline"] if moment(step["at"]) <= start]
            queued = before[-2:-1] if attempt["number"] == 1 and before[-1]["state"] == "running" else []
            asked = [moment(step["at"]) for step in queued if step["state"] == "queued"]
            yield min(asked, default=start), moment(attempt["ended"])


def slot_use(spans, slots=8):
    spans = list(spans)
    length = max(end for _, end in spans) - min(start for start, _ in spans)
    return round(sum(end - start for start, end in spans) / (slots * length), 3)


def idle(options):
    """Start to first poll, idle memory and processor, and from the poll that sees a ticket to its agent."""
    server = Server(options)
    site = Site(folder(), server.port)
    began = time.time()
    daemon = site.start(options.binary)
    first = wait_for(lambda: server.log(), "the first poll")[0]["t"] - began
    time.sleep(3)
    resident, used = memory(daemon.pid), processor(daemon.pid)
    time.sleep(options.idle_seconds)
    per_minute = (processor(daemon.pid) - used) * 60 / options.idle_seconds
    polls = len([entry for entry in server.log() if entry["operationName"] == "Poll"])
    server.post("issue", {"title": "one", "state": "Todo"})
    wait_for(lambda: len([e for e in server.log() if e["operationName"] == "Poll"]) > polls, "the next poll", 40)
    agents = site.root / "agents.txt"
    wait_for(lambda: agents.exists() and agents.read_text(), "the agent")
    seen = [entry for entry in server.log() if entry["operationName"] == "Poll"][polls]["t"]
    latency = float(agents.read_text().split()[0]) - seen
    daemon.terminate()
    daemon.wait()
    server.stop()
    shutil.rmtree(site.root)
    return {"first poll": first, "idle MB": resident, "processor s a minute": per_minute, "poll to agent": latency}


def busy(options):
    server = Server(options, "--generate", "8", "--all-todo", "--free")
    site = Site(folder(), server.port, seconds=8)
    daemon = site.start(options.binary, "--until-idle")
    agents = site.root / "agents.txt"
    wait_for(lambda: agents.exists() and len(agents.read_text().splitlines()) == 8, "8 agents")
    time.sleep(2)
    resident = memory(daemon.pid)
    daemon.wait()
    server.stop()
    shutil.rmtree(site.root)
    return resident


def many(options, count=100_000):
    """Start to first poll with so many finished runs on disk, and how long `runs` takes then."""
    server = Server(options)
    site = Site(folder(), server.port)
    run = {"ticket": "ENG-1", "run": 1, "state": "done", "summary": "Done.", "title": "t", "workflow": "bench",
           "started": "2026-11-01T00:00:00.000Z", "ended": "2026-11-01T00:01:00.000Z", "attempts": 1, "seconds": 60.0,
           "cost_usd": 0.0}
    (site.root / "state/history").mkdir(parents=True)
    with open(site.root / "state/history/2026-11.jsonl", "w") as history:
        for number in range(1, count + 1):
            record = {**run, "ticket": f"ENG-{number}"}
            history.write(json.dumps(record) + "\n")
            place = site.root / f"state/runs/ENG-{number}/1"
            place.mkdir(parents=True)
            (place / "run.json").write_text(json.dumps(record))
    began = time.time()
    daemon = site.start(options.binary)
    first = wait_for(lambda: server.log(), "the first poll")[0]["t"] - began
    began = time.time()
    subprocess.run([options.binary, "runs"], cwd=site.root, stdout=subprocess.DEVNULL, check=True)
    listed = time.time() - began
    daemon.terminate()
    daemon.wait()
    server.stop()
    shutil.rmtree(site.root)
    return {"finished runs": count, "first poll": first, "runs command": listed}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, help="server.py of a Linear-compatible server")
    parser.add_argument("--python", default=sys.executable, help="the Python that has what the server needs")
    parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/release/linecook"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle-seconds", type=float, default=60)
    parser.add_argument("--tickets", type=int, help="work so many, and measure nothing else")
    parser.add_argument("--slots", type=int, default=8, help="with --tickets")
    parser.add_argument("--agent-seconds", type=float, default=0.05, help="with --tickets")
    options = parser.parse_args()
    if options.tickets:
        print("crowd: " + json.dumps(crowd(options)), flush=True)
        return
    for round in range(options.rounds):
        print(f"40 tickets, round {round + 1}: " + json.dumps(forty(options)), flush=True)
    print("40 tickets, 3 × kill -9: " + json.dumps(forty(options, kills=3)), flush=True)
    print("idle: " + json.dumps(idle(options)), flush=True)
    print("history: " + json.dumps(many(options)), flush=True)
    print(f"resident memory with 8 agents: {busy(options):.1f} MB")


if __name__ == "__main__":
    main()
