"""What the judges of genuine agents share: a site to work in, cases, and their report."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIGURATION = "state: ../state\nworkflows: ../workflows\nforge: local\n"
WORKFLOW = """name: genuine
tickets: {{ team: ENG, states: [Todo] }}
repository: {{ path: ../clone, base: develop, worktree: "../worktrees/{{{{ ticket.key }}}}" }}
prompt: {{ template: prompt.md }}
retry: {{ attempts: {attempts}, delay: 1s, jitter: 0 }}
verify: {{ steps: [{steps}] }}
agent:
{agent}
"""
PROMPTS = """---
phases:
  A: { prompts: [1], parallel: true, depends_on_phases: [] }
---

## Prompt 1: GEN-1 Write the file

Write the file work.txt.
"""


class Site:
    """A clone with a bare remote, a workflow, and a prompt file with one ticket; no tracker is needed."""

    def __init__(self, binary, agent, attempts=1, steps="", environment=None):
        self.binary = binary
        self.root = Path(tempfile.mkdtemp(prefix="linecook-genuine-"))
        self.home = self.root / "home"
        for name in ("Config", "workflows", "home"):
            (self.root / name).mkdir()
        lines = "\n".join("  " + line for line in agent)
        (self.root / "Config/linecook.yml").write_text(CONFIGURATION)
        (self.root / "workflows/genuine.yml").write_text(
            WORKFLOW.format(attempts=attempts, steps=steps.format(root=self.root), agent=lines))
        (self.root / "workflows/prompt.md").write_text("{{ ticket.key }}: {{ ticket.description }}\n")
        (self.root / "prompts-genuine.md").write_text(PROMPTS)
        script = """git init -q --bare -b develop remote.git && git clone -q remote.git clone 2>/dev/null && cd clone
            git checkout -q -B develop && echo hello > README && git add README
            git -c user.name=a -c user.email=a@example.com commit -qm init && git push -q origin develop"""
        subprocess.run(["sh", "-ec", script], cwd=self.root, check=True)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", **(environment or {})}

    def start(self):
        with open(self.root / "log", "ab") as log:
            return subprocess.Popen([self.binary, "orchestrate", "prompts-genuine.md", "--yes"], cwd=self.root,
                                    env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def linecook(self, *arguments):
        return subprocess.run([self.binary, *arguments], cwd=self.root, env=self.environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)

    def run(self):
        path = self.root / "state/runs/GEN-1/1/run.json"
        return json.loads(path.read_text()) if path.exists() else {"state": None, "attempts": []}

    def text(self, path):
        return (self.root / "state/runs/GEN-1/1" / path).read_text()

    def left(self):
        """The processes of attempts that are still there."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if b"LINECOOK_ATTEMPT=" in (entry / "environ").read_bytes() \
                            and str(self.root).encode() in (entry / "environ").read_bytes():
                        found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:100])
                except OSError:
                    pass
        return found

    def wait(self, process, until, limit):
        """Waits for the end of the program, or for a state of the run at which it's ended."""
        end = time.time() + limit
        while time.time() < end:
            if process.poll() is not None:
                return True
            if until and until(self):
                time.sleep(0.2)
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                return True
            time.sleep(0.05)
        process.kill()
        process.wait()
        return False

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)


def parked(site):
    return site.run()["state"] == "parked"


class Judge:
    def __init__(self, options):
        self.options, self.failures, self.count = options, 0, 0

    def case(self, name, make, expect, until=None, during=None, limit=90):
        """Runs one case; `expect` yields (what, whether it is so, what was found)."""
        if self.options.only and self.options.only not in name:
            return
        self.count += 1
        began = time.time()
        provider, site = make()
        try:
            process = site.start()
            if during:
                during(site, provider, process)
            ended = site.wait(process, until, limit)
            run = site.run()
            wrong = [] if ended else [f"not at its end after {limit} s"]
            wrong += [f"{what}: {found!r}" for what, holds, found in expect(site, run, provider) if not holds]
            left = site.left()
            if left:
                wrong.append(f"left behind: {left}")
        finally:
            provider.close()
        last = run["attempts"][-1] if run["attempts"] else {}
        agent = last.get("agent") or {}
        print(f"{'FAIL' if wrong else 'ok  '} {name:30} {time.time() - began:5.1f} s  {run['state']}"
              f"  {last.get('outcome')}: {last.get('reason')}"
              f"  [turns {agent.get('turns')}, {agent.get('input_tokens')}+{agent.get('output_tokens')} tokens,"
              f" {agent.get('cost_usd')} USD]", flush=True)
        for each in wrong:
            print(f"     {each}")
        if wrong:
            self.failures += 1
            print(f"     kept in {site.root}")
        elif self.options.keep:
            print(f"     kept in {site.root}")
        else:
            site.remove()

    def end(self):
        print(f"{self.count - self.failures} of {self.count} cases as expected")
        sys.exit(1 if self.failures else 0)


def is_outcome(run, *outcomes):
    found = [attempt.get("outcome") for attempt in run["attempts"]]
    return "outcomes", found == list(outcomes), found


def is_state(run, state):
    return "state", run["state"] == state, run["state"]


def of_agent(run, key, value, attempt=-1):
    found = (run["attempts"][attempt].get("agent") or {}).get(key) if run["attempts"] else None
    return key, found == value, found
