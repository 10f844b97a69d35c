#!/usr/bin/env python3
"""Runs linecook for minutes or hours with everything going wrong, and checks that nothing is lost or done twice.

    swift build -c release --product linecook
    Tests/Soak/soak.py --server PATH/server.py [--python PYTHON] [--minutes 30] [--kill 30 300] [--seed 1]

Real processes, real git, a Linear-compatible server with faults (the one that Tests/Benchmarks/forty-tickets.py takes, which
also answers POST /_control/issue and /_control/faults). Daemons are killed with -9 or told to stop, attempts are killed, people
move tickets and merge pull requests, agents fail, hang, do nothing and leave servers behind. At the end everything is let go
well, and what must hold is checked; what was wrong is printed, and the exit code is 1. A short, hard round:

    Tests/Soak/soak.py --server PATH/server.py --minutes 5 --kill 1.5 7.5
"""
import argparse
import collections
import glob
import importlib.util
import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("forty", HERE.parent / "Benchmarks/forty-tickets.py")
forty = importlib.util.module_from_spec(specification)
specification.loader.exec_module(forty)

SLOTS = 4
AGENT = """#!/bin/sh
# Whatever happens, two agents are never at work on one ticket.
exec 9>> "{root}/live/$LINECOOK_TICKET"
flock -n 9 || echo "two agents at work on $LINECOOK_TICKET" >> "{root}/wrong.txt"
echo "$LINECOOK_TICKET" >> "{root}/agents.txt"
chance=$(od -An -N1 -tu1 /dev/urandom | tr -d ' ')
[ -e "{root}/calm" ] && chance=200
sleep 0.$((chance % 9))
if [ $chance -lt 20 ]; then exit 3
elif [ $chance -lt 34 ]; then exit 0
elif [ $chance -lt 46 ]; then sleep 300
elif [ $chance -lt 64 ]; then setsid sh -c 'trap "" TERM; sleep 600' > /dev/null 2>&1 9>&- &
elif [ $chance -lt 90 ]; then sleep 3
fi
echo "$LINECOOK_TICKET" >> "work-$LINECOOK_TICKET.txt"
[ $((chance % 2)) = 0 ] && exit 0
git add -A && git -c user.name=agent -c user.email=agent@example.com commit -qm "$LINECOOK_TICKET"
"""
WORKFLOW = """name: soak
schedule: {{ every: 2s }}
tickets: {{ team: ENG, states: [Todo] }}
plan: {{ dependencies: [relations] }}
repository: {{ path: ../clone, base: develop, worktree: "../worktrees/{{{{ ticket.key }}}}" }}
slots: {{ total: {slots} }}
retry: {{ attempts: 3, delay: 1s, jitter: 0.2, on: {{ no_changes: retry }} }}
agent: {{ kind: command, command: ../agent.sh, timeout: 30s, stall: 6s, grace: 1s }}
prompt: {{ template: prompt.md }}
"""
FAULTS = {"seed": 1, "rules": [
    {"kind": "http_502", "p": 0.02}, {"kind": "reset_before_response", "p": 0.03, "match": {"type": "mutation"}},
    {"kind": "reset_mid_body", "p": 0.03}, {"kind": "truncated_json", "p": 0.02},
    {"kind": "slow_first_byte", "seconds": 2, "p": 0.02}, {"kind": "internal_error", "p": 0.02},
    {"kind": "partial_data", "p": 0.01}, {"kind": "ratelimited", "seconds": 4, "p": 0.004},
    {"kind": "empty_body", "p": 0.01}, {"kind": "hang", "seconds": 20, "p": 0.003}]}
FINAL = {"done", "failed", "cancelled"}


class Soak:
    def __init__(self, options, folder):
        self.options = options
        self.random = random.Random(options.seed)
        self.server = forty.Server(options)
        self.site = forty.Site(folder, self.server.port)
        self.root = self.site.root
        (self.root / "workflows/bench.yml").unlink()
        self.site.write("agent.sh", AGENT.format(root=self.root))
        self.site.write("workflows/soak.yml", WORKFLOW.format(slots=SLOTS))
        configuration = (self.root / "Config/linecook.yml").read_text().replace("slots: 8", f"slots: {SLOTS}")
        # The storm of failures is what is wanted here.
        self.site.write("Config/linecook.yml", configuration + "breaker: { failures: off }\n")
        self.daemon = None
        self.wrong, self.counts, self.samples = [], collections.Counter(), []
        self.known = {}

    # What goes wrong

    def say(self, what):
        with open(self.root / "soak.log", "a") as log:
            log.write(f"{time.strftime('%H:%M:%S')} {what}\n")

    def violate(self, what):
        if what not in self.wrong:
            self.wrong.append(what)
            self.say(f"WRONG {what}")

    def start(self, *arguments):
        self.daemon = self.site.start(self.options.program, *arguments)
        self.counts["starts"] += 1

    def attempts(self):
        """Pids of this site's attempt processes."""
        found = []
        for place in glob.glob("/proc/[0-9]*"):
            try:
                words = Path(place, "cmdline").read_bytes().split(b"\0")
                state = Path(place, "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if b"attempt" in words[1:2] and str(self.root).encode() in words[2] and state != "Z":
                found.append(int(place.split("/")[2]))
        return found

    def kill(self):
        chance = self.random.random()
        if chance < 0.6:
            self.say("the daemon is killed")
            self.daemon.kill()
        elif chance < 0.75:
            self.say("the daemon is told to stop")
            self.daemon.terminate()
        else:
            attempts = self.attempts()
            if attempts:
                pid = self.random.choice(attempts)
                self.say(f"attempt {pid} is killed")
                self.counts["attempts killed"] += 1
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if chance < 0.9:
                return
            self.say("and the daemon with it")
            self.daemon.kill()
        self.counts["daemon stops"] += 1
        self.daemon.wait(timeout=60)
        time.sleep(self.random.uniform(0, 2))
        self.start()

    # What people do

    def world(self):
        world = json.loads(self.server.get("state"))["world"]
        names = {state["id"]: state["name"] for state in world["WorkflowState"]}
        issues = {issue["identifier"]: names[issue["stateId"]] for issue in world.get("Issue", []) if not issue.get("trashed")}
        return world, issues

    def people(self):
        _, issues = self.world()
        waiting = [key for key, state in issues.items() if state == "Todo"]
        if len(waiting) < 8:
            ticket = {"title": f"Ticket {len(issues) + 1}", "state": "Todo"}
            if issues and self.random.random() < 0.2:
                ticket["blockedBy"] = [self.random.choice(list(issues))]
            self.server.post("issue", ticket)
            self.counts["tickets"] += 1
        chance = self.random.random()
        if issues and chance < 0.06:
            key = self.random.choice(list(issues))
            # What is at its end stays there: another run of it would be asked for, and is no second one.
            if issues[key] in ("Todo", "In Progress", "Backlog"):
                state = self.random.choice(["Todo", "Backlog", "Canceled", "Todo"])
                self.say(f"a person moves {key} from {issues[key]} to {state}")
                self.server.post("issue", {"identifier": key, "state": state})
        if self.random.random() < 0.5:
            self.merge(0.5)

    def merge(self, share):
        for path in sorted(glob.glob(f"{self.root}/state/forge/pulls/*.json")):
            pull = json.loads(Path(path).read_text())
            if pull["state"] == "open" and self.random.random() < share:
                subprocess.run([self.options.program, "pulls", "merge", Path(path).stem], cwd=self.root,
                               env={**os.environ, "LINEAR_API_KEY": "lin_api_test"}, capture_output=True)

    # What must hold all the time

    def look(self):
        running = len(self.attempts())
        if running > SLOTS:
            # One may be on its way out when its ticket's next one starts.
            time.sleep(0.3)
            if len(self.attempts()) > SLOTS:
                self.violate(f"{running} attempts at once")
        for path in glob.glob(f"{self.root}/state/**/*.json", recursive=True):
            try:
                record = json.loads(Path(path).read_text())
            except FileNotFoundError:
                continue
            except ValueError as error:
                self.violate(f"{path}: {error}")
                continue
            # A run that a person asked for is another one, though "latest" leads to it from then on.
            if path.endswith("run.json") and Path(path).parent.name != "latest":
                self.compare(path, record)
        try:
            self.samples.append((len(os.listdir(f"/proc/{self.daemon.pid}/fd")), forty.memory(self.daemon.pid)))
        except (OSError, ValueError, IndexError):
            pass

    def compare(self, path, run):
        old = self.known.get(path)
        self.known[path] = run
        if not old:
            return
        if len(run["attempts"]) < len(old["attempts"]):
            self.violate(f"{path}: attempts fell")
        for before, after in zip(old["attempts"], run["attempts"]):
            if before["outcome"] and before["outcome"] != after["outcome"]:
                self.violate(f"{path}: attempt {before['number']} was {before['outcome']}, is {after['outcome']}")
        if old["state"] in FINAL and run["state"] != old["state"]:
            self.violate(f"{path}: was {old['state']}, is {run['state']}")

    # What must hold at the end

    def settle(self):
        (self.root / "calm").touch()
        self.server.post("faults", {})
        self.daemon.kill()
        self.daemon.wait()
        for _ in range(20):
            self.start("--until-idle")
            try:
                self.daemon.wait(timeout=240)
            except subprocess.TimeoutExpired:
                self.violate("the service doesn't come to rest")
                self.daemon.kill()
                self.daemon.wait()
                break
            self.look()
            before = sum(json.loads(Path(path).read_text())["state"] == "open"
                         for path in glob.glob(f"{self.root}/state/forge/pulls/*.json"))
            if before == 0:
                break
            self.merge(1.0)

    def check(self):
        world, issues = self.world()
        runs = collections.defaultdict(list)
        for run in self.site.runs():
            runs[run["ticket"]["key"]].append(run)
            if run["state"] not in FINAL | {"needs_human"}:
                self.violate(f"{run['ticket']['key']}: {run['state']} at the end: {run['reason']}")
        for key, of_ticket in runs.items():
            for run in of_ticket:
                spent = sum(a["outcome"] not in ("cancelled", "lost", None) for a in run["attempts"])
                if len(run["attempts"]) > 3 + sum(a["outcome"] == "cancelled" for a in run["attempts"]):
                    self.violate(f"{key}: {len(run['attempts'])} attempts, {spent} of them spent")
        for key, state in issues.items():
            if state == "Todo" and not any(issue["identifier"] == key and self.blocked(world, issue) for issue in world.get("Issue", [])):
                self.violate(f"{key}: ready at the end, and nobody takes it up")
            if state == "In Progress" and not any(run["state"] in ("needs_human", "cancelled") for run in runs[key]):
                self.violate(f"{key}: in progress at the end with {[run['state'] for run in runs[key]]}")
        comments = collections.Counter(comment["issueId"] for comment in world.get("Comment", []))
        for issue in world.get("Issue", []):
            if comments[issue["id"]] > len(runs[issue["identifier"]]):
                self.violate(f"{issue['identifier']}: {comments[issue['id']]} comments of {len(runs[issue['identifier']])} runs")
        pulls = [json.loads(Path(path).read_text()) for path in glob.glob(f"{self.root}/state/forge/pulls/*.json")]
        for branch, count in collections.Counter(pull["head"] for pull in pulls).items():
            if count > 1:
                self.violate(f"{branch}: {count} pull requests")
        merged = sum(pull["state"] == "merged" for pull in pulls)
        files = subprocess.run(["git", "-C", self.root / "remote.git", "ls-tree", "--name-only", "develop"],
                               capture_output=True, text=True, check=True).stdout.split()
        if merged != sum(name.startswith("work-") for name in files):
            self.violate(f"{merged} pull requests were merged, and the base has {len(files)} files")
        if (self.root / "wrong.txt").exists():
            self.violate((self.root / "wrong.txt").read_text())
        time.sleep(1)
        left = self.attempts() + self.marked()
        if left:
            self.violate(f"processes are left: {left}")
        temporary = [path for path in glob.glob(f"{self.root}/state/**/.*.tmp", recursive=True)]
        if temporary:
            self.violate(f"{len(temporary)} half-written files are left, such as {temporary[0]}")
        open_runs = len(glob.glob(f"{self.root}/state/open/*.json"))
        worktrees = len(glob.glob(f"{self.root}/worktrees/*"))
        kept = sum(run["state"] in ("failed", "cancelled", "needs_human") for of in runs.values() for run in of)
        if worktrees > kept:
            self.violate(f"{worktrees} worktrees, and {kept} runs that keep one")
        return {"runs": sum(map(len, runs.values())), "pull requests": len(pulls), "merged": merged,
                "open at the end": open_runs, "worktrees": worktrees,
                "outcomes": dict(collections.Counter(a["outcome"] for of in runs.values() for r in of for a in r["attempts"])),
                "states": dict(collections.Counter(run["state"] for of in runs.values() for run in of))}

    def blocked(self, world, issue):
        finished = {state["id"] for state in world["WorkflowState"] if state["type"] in ("completed", "canceled")}
        by_id = {each["id"]: each for each in world.get("Issue", [])}
        return any(relation["type"] == "blocks" and relation["relatedIssueId"] == issue["id"]
                   and by_id[relation["issueId"]]["stateId"] not in finished
                   for relation in world.get("IssueRelation", []))

    def marked(self):
        found = []
        for place in glob.glob("/proc/[0-9]*"):
            try:
                environment = Path(place, "environ").read_bytes()
            except OSError:
                continue
            if b"LINECOOK_ATTEMPT=" in environment and str(self.root).encode() in environment:
                found.append(int(place.split("/")[2]))
        return found

    def run(self):
        self.server.post("faults", FAULTS)
        self.start()
        end = time.monotonic() + self.options.minutes * 60
        next_kill = time.monotonic() + self.random.uniform(*self.options.kill)
        next_look = 0
        while time.monotonic() < end:
            if self.daemon.poll() is not None:
                self.violate(f"the daemon left with code {self.daemon.returncode}")
                self.start()
            if time.monotonic() >= next_kill:
                self.kill()
                next_kill = time.monotonic() + self.random.uniform(*self.options.kill)
            self.people()
            if time.monotonic() >= next_look:
                self.look()
                next_look = time.monotonic() + 2
            time.sleep(self.random.uniform(0.1, 0.6))
        self.settle()
        found = self.check()
        third = max(1, len(self.samples) // 3)
        for name, place in (("open files", 0), ("resident MB", 1)):
            first, last = ([sample[place] for sample in part] for part in (self.samples[:third], self.samples[-third:]))
            found[name] = {"first third": round(statistics.median(first), 1), "last third": round(statistics.median(last), 1),
                           "most": round(max(sample[place] for sample in self.samples), 1)}
        return {"minutes": self.options.minutes, "seed": self.options.seed, **self.counts, **found, "wrong": self.wrong}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=HERE.parents[1] / ".build/release/linecook", type=Path)
    parser.add_argument("--server", required=True)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--kill", type=float, nargs=2, default=[30, 300], metavar=("FROM", "TO"), help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true", help="leave the folder, whose name is printed")
    options = parser.parse_args()
    options.program = options.program.resolve()
    folder = tempfile.mkdtemp(prefix="linecook-soak-")
    soak = Soak(options, folder)
    try:
        result = soak.run()
    finally:
        if soak.daemon and soak.daemon.poll() is None:
            soak.daemon.kill()
        soak.server.stop()
    print(json.dumps(result, indent=2))
    if options.keep or result["wrong"]:
        print(f"left: {folder}", file=sys.stderr)
    else:
        shutil.rmtree(folder)
    sys.exit(1 if result["wrong"] else 0)


if __name__ == "__main__":
    main()
