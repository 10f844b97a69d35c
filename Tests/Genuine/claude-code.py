#!/usr/bin/env python3
"""Judges Linecook by the genuine Claude Code: each way in which it can end, against a scripted provider on loopback.

    python3 -m venv VENV && VENV/bin/pip install claude-agent-sdk      # its wheel holds the program
    swift build --product linecook
    Tests/Genuine/claude-code.py --claude "$(find VENV -name claude -path '*_bundled*')" [--only WORDS] [--keep]

No account, no key and no network are needed. By hand, since the program has 370 MB; about four minutes.
"""
import argparse
import glob
import os
import signal
import time
from datetime import datetime, timezone
from pathlib import Path

from judge import Judge, Site, is_outcome, is_state, of_agent, parked
from scripted import CUT, DROPPED, PINGS, REFUSED, SILENT, Provider, error, messages, text, tool

HERE = Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--claude", required=True)
parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/debug/linecook"))
parser.add_argument("--only", help="only the cases whose name holds this")
parser.add_argument("--keep", action="store_true", help="leave the folders of cases that went well, too")
options = parser.parse_args()
judge = Judge(options)

COMMIT = tool("Bash", command="git add -A && git commit -q -m 'Do the work'", description="Commit")
DONE = text("Done: the file is there.")


def write(content="work 1\n", name="work.txt"):
    # The program wants an absolute path; it's filled in when the site is known.
    return {"tool": "Write", "input": {"file_path": name, "content": content}}


def made(script, *settings, attempts=1, steps="", key="sk-scripted", agent_environment=()):
    def make():
        provider = Provider([], messages)
        environment = {"ANTHROPIC_BASE_URL": provider.address}
        if key:
            environment["ANTHROPIC_API_KEY"] = key
        names = ", ".join(["ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
                           "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_CONFIG_NOSYSTEM", *agent_environment])
        agent = ["kind: claude-code", f"command: {options.claude}", f"environment: [{names}]", *settings]
        if not any(line.startswith("timeout") for line in settings):
            agent.append("timeout: 80s")
        if not any(line.startswith("stall") for line in settings):
            agent.append("stall: 60s")
        site = Site(options.binary, agent, attempts, steps, environment)
        for entry in script:
            entry = {**entry, "input": dict(entry["input"])} if "input" in entry else entry
            if entry.get("tool") == "Write":
                entry["input"]["file_path"] = f"{site.root}/worktrees/GEN-1/{entry['input']['file_path']}"
            provider.script.append(entry)
        return provider, site
    return make


def session(run, attempt=-1):
    found = (run["attempts"][attempt].get("agent") or {}).get("session") if run["attempts"] else None
    return "session", found is not None and len(found) == 36, found


def cost(run, low, high, attempt=-1):
    found = (run["attempts"][attempt].get("agent") or {}).get("cost_usd") if run["attempts"] else None
    return "cost_usd", found is not None and low < found <= high, found


def reason(run, words):
    found = str(run["attempts"][-1].get("reason")) if run["attempts"] else ""
    return "reason", words in found, found


def wait_until(condition, limit=40):
    end = time.time() + limit
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def worked(site, run, provider):
    yield is_outcome(run, "succeeded")
    yield is_state(run, "in_review")
    yield of_agent(run, "turns", 3)
    yield of_agent(run, "input_tokens", 36)
    yield of_agent(run, "output_tokens", 120)
    yield of_agent(run, "exit", 0)
    yield cost(run, 0.0001, 1)
    yield session(run)
    yield "requests", len(provider.requests) == 3, len(provider.requests)
    yield "files", run["attempts"][-1]["changes"]["paths"] == ["work.txt"], run["attempts"][-1]["changes"]


judge.case("edit and commit", made([write(), COMMIT, DONE]), worked)

judge.case("edit without a commit", made([write(), DONE]), lambda site, run, provider: [
    is_outcome(run, "succeeded"), of_agent(run, "turns", 2)])

judge.case("no change", made([text("There is nothing to do.")]), lambda site, run, provider: [
    is_outcome(run, "no_changes"), is_state(run, "failed"), of_agent(run, "turns", 1),
    reason(run, "There is nothing to do.")])


def denied(site, run, provider):
    yield is_outcome(run, "no_changes")
    denials = (run["attempts"][-1].get("agent") or {}).get("denials") or []
    yield "denials", [each["tool"] for each in denials] == ["Bash"], denials
    yield "input", bool(denials) and "npm install left-pad" in denials[0]["input"], denials
    yield "runs show", "npm install left-pad" in site.linecook("runs", "show", "GEN-1").stdout, \
        site.linecook("runs", "show", "GEN-1").stdout


judge.case("permission denied", made(
    [tool("Bash", command="npm install left-pad", description="Install"), text("I may not install it.")]), denied)

judge.case("denied, and done another way", made(
    [tool("Bash", command="npm install left-pad", description="Install"), write(), DONE]),
    lambda site, run, provider: [
        is_outcome(run, "succeeded"), of_agent(run, "turns", 3), reason(run, "permission was denied for Bash")])

judge.case("max turns", made([write("1\n"), write("2\n", "b.txt"), write("3\n", "c.txt"), write("4\n", "d.txt")],
                             "max_turns: 3"), until=lambda site: site.run()["state"] == "needs_human",
           expect=lambda site, run, provider: [
    is_outcome(run, "max_turns"), is_state(run, "needs_human"), of_agent(run, "turns", 3),
    ("pushed", run["attempts"][-1].get("pushed") is not None, run["attempts"][-1].get("pushed")), session(run)])

judge.case("budget", made([write("1\n"), write("2\n", "b.txt"), write("3\n", "c.txt"), write("4\n", "d.txt")],
                          "budget: 0.01"), until=lambda site: site.run()["state"] == "needs_human",
           expect=lambda site, run, provider: [
    is_outcome(run, "budget_exceeded"), is_state(run, "needs_human"), cost(run, 0.001, 0.03), session(run)])

judge.case("overloaded for good", made([error(529, "overloaded_error", "Overloaded")]), until=parked,
           expect=lambda site, run, provider: [
    is_outcome(run, "overloaded"), is_state(run, "parked"),
    ("seen in seconds", run["attempts"][-1]["seconds"] < 30, run["attempts"][-1]["seconds"]),
    ("requests", 3 <= len(provider.requests) <= 5, len(provider.requests))])

judge.case("overloaded for a moment", made(
    [error(529, "overloaded_error", "Overloaded"), write(), COMMIT, DONE]), lambda site, run, provider: [
        is_outcome(run, "succeeded"), of_agent(run, "turns", 3)])

judge.case("a fallback model", made([error(529, "overloaded_error", "Overloaded")] * 3 + [write(), COMMIT, DONE],
                                    "arguments: [--fallback-model, haiku]"), lambda site, run, provider: [
    is_outcome(run, "succeeded"),
    ("model", "haiku" in provider.requests[-1]["model"], provider.requests[-1]["model"])])


def at(run):
    return datetime.fromisoformat(run["retry"]["at"].replace("Z", "+00:00")).timestamp()


RESET = int(time.time()) + 3 * 3600
LIMIT = error(429, "rate_limit_error", "This request would exceed your account's rate limit.",
              anthropic_ratelimit_unified_reset=RESET, anthropic_ratelimit_unified_status="rejected",
              anthropic_ratelimit_unified_representative_claim="five_hour",
              anthropic_ratelimit_unified_5h_reset=RESET, anthropic_ratelimit_unified_5h_status="rejected")
# With an API key the program doesn't tell what these headers say.
judge.case("limit with a reset header", made([LIMIT]), until=parked, expect=lambda site, run, provider: [
    is_outcome(run, "rate_limited"), is_state(run, "parked")])


def subscriber(*arguments, **settings):
    def make():
        provider, site = made(*arguments, key=None, agent_environment=["CLAUDE_CODE_OAUTH_TOKEN"], **settings)()
        site.environment["CLAUDE_CODE_OAUTH_TOKEN"] = "sk-ant-oat01-scripted"
        return provider, site
    return make


judge.case("limit of a subscription", subscriber([LIMIT]), until=parked, expect=lambda site, run, provider: [
    is_outcome(run, "rate_limited"), is_state(run, "parked"), ("until", at(run) == RESET, run["retry"])])

# The program gives up at once, and doesn't tell of the time.
judge.case("limit with a time to wait", made(
    [error(429, "rate_limit_error", "Slow down.", retry_after=7200)], "stall: 20s"), until=parked,
           expect=lambda site, run, provider: [is_outcome(run, "rate_limited"), is_state(run, "parked")])

judge.case("limit with an epoch", made([error(429, "rate_limit_error", f"Claude AI usage limit reached|{RESET}")]),
           until=parked, expect=lambda site, run, provider: [
    is_outcome(run, "rate_limited"), is_state(run, "parked"), ("until", at(run) == RESET, run["retry"])])


def evening(site, run, provider):
    from zoneinfo import ZoneInfo
    moment = datetime.fromtimestamp(at(run), ZoneInfo("Europe/Berlin"))
    yield is_outcome(run, "rate_limited")
    yield is_state(run, "parked")
    yield "until", (moment.hour, moment.minute) == (20, 0), moment


judge.case("limit until 8pm in Berlin", made(
    [error(429, "rate_limit_error", "You've hit your limit · resets 8pm (Europe/Berlin)")]), until=parked,
           expect=evening)

judge.case("wrong key", made([error(401, "authentication_error", "invalid x-api-key")]),
           lambda site, run, provider: [is_outcome(run, "auth_failed"), is_state(run, "failed")])

judge.case("no key", made([DONE], key=None), lambda site, run, provider: [
    is_outcome(run, "auth_failed"), is_state(run, "failed"),
    ("requests", provider.requests == [], len(provider.requests))])

judge.case("bad request", made([error(400, "invalid_request_error", "max_tokens: too large")]),
           lambda site, run, provider: [is_outcome(run, "misconfigured"), is_state(run, "failed")])

judge.case("refusal", made([REFUSED]), lambda site, run, provider: [
    is_outcome(run, "refused"), is_state(run, "failed")])

judge.case("answer cut by its limit", made([CUT]), lambda site, run, provider: [
    is_outcome(run, "agent_failed"), is_state(run, "failed")])

judge.case("a flag that doesn't exist", made([DONE], "arguments: [--no-such-flag]"), lambda site, run, provider: [
    is_outcome(run, "misconfigured"), is_state(run, "failed"), reason(run, "no-such-flag")])

judge.case("root without permissions" if os.geteuid() == 0 else "permissions bypassed", made(
    [write(), DONE], "permission_mode: bypassPermissions"), lambda site, run, provider: [
        is_outcome(run, "misconfigured" if os.geteuid() == 0 else "succeeded")])

judge.case("silent provider", made([SILENT], "stall: 6s"), lambda site, run, provider: [
    is_outcome(run, "stalled"), is_state(run, "failed"),
    ("in time", run["attempts"][-1]["seconds"] < 20, run["attempts"][-1]["seconds"])])

judge.case("nothing but pings", made([PINGS], "stall: 6s"), lambda site, run, provider: [
    is_outcome(run, "stalled"), is_state(run, "failed"),
    ("in time", run["attempts"][-1]["seconds"] < 20, run["attempts"][-1]["seconds"])])

judge.case("connection dropped", made([DROPPED, write(), COMMIT, DONE]), lambda site, run, provider: [
    is_outcome(run, "succeeded")])

SLEEP = tool("Bash", command="sleep 300", description="Wait")
ANY = 'allowed_tools: ["Bash(*)"]'
judge.case("timeout in a tool", made([SLEEP], ANY, "timeout: 8s"), lambda site, run, provider: [
    is_outcome(run, "timed_out"), is_state(run, "failed"), of_agent(run, "exit", 143), session(run),
    ("in time", run["attempts"][-1]["seconds"] < 20, run["attempts"][-1]["seconds"])])


def cancelled(site, provider, process):
    # The tool runs once the program has asked for nothing for a while.
    wait_until(lambda: len(provider.requests) == 1)
    wait_until(lambda: any("sleep 300" in each for each in site.left()))
    # The first Ctrl-C drains, the second one stops what runs.
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.wait(60)


judge.case("interrupted in a tool", made([SLEEP], ANY), during=cancelled, expect=lambda site, run, provider: [
    is_outcome(run, "cancelled"), is_state(run, "waiting"), session(run)])


def interrupted(site, provider, process):
    cancelled(site, provider, process)
    provider.script[1:] = [entry for entry in provider.later]
    again = site.start()
    again.wait(80)


def later():
    provider, site = made([SLEEP, write(), COMMIT, DONE], ANY)()
    provider.later = provider.script[1:]
    return provider, site


judge.case("interrupted, then gone on with", later, during=interrupted, expect=lambda site, run, provider: [
    is_outcome(run, "cancelled", "succeeded"), is_state(run, "in_review"),
    ("one session", len({each["agent"]["session"] for each in run["attempts"]}) == 1, run["attempts"]),
    ("it knows the first half", "sleep 300" in str(provider.requests[1]["messages"]), "")])

judge.case("a tool that stays behind", made(
    [tool("Bash", command="nohup setsid sleep 1234 >/dev/null 2>&1 & echo started", description="Serve"), write(), DONE],
    ANY), lambda site, run, provider: [is_outcome(run, "succeeded"), of_agent(run, "turns", 3)])

judge.case("a task in the background", made(
    [{**tool("Bash", command="sleep 4; echo late", description="Later", run_in_background=True)}, write(), DONE],
    ANY), lambda site, run, provider: [
        is_outcome(run, "succeeded"), ("at once", run["attempts"][-1]["seconds"] < 30, run["attempts"][-1]["seconds"])])

STEP = """{{ name: check, run: "grep -q 'work 2' work.txt || {{ echo 'work 2 is missing'; exit 4; }}" }}"""


def resumed(site, run, provider):
    yield is_outcome(run, "verification_failed", "succeeded")
    yield is_state(run, "in_review")
    ids = [attempt["agent"]["session"] for attempt in run["attempts"]]
    yield "one session", len(set(ids)) == 1, ids
    costs = [attempt["agent"]["cost_usd"] for attempt in run["attempts"]]
    yield "the second cost its own", costs[1] < costs[0] * 1.5, costs
    yield "it knows the first half", "Write the file work.txt" in str(provider.requests[3]["messages"]), ""
    yield "it is told why", "work 2 is missing" in str(provider.requests[3]["messages"][-1]), provider.requests[3]["messages"][-1]
    yield of_agent(run, "turns", 3)
    tokens = [attempt["agent"]["output_tokens"] for attempt in run["attempts"]]
    yield "each its own tokens", tokens == [120, 120], tokens


judge.case("a retry goes on", made(
    [write(), COMMIT, DONE, tool("Bash", command="echo 'work 2' > work.txt", description="Mend"), COMMIT, DONE],
    ANY, attempts=2, steps=STEP), resumed)

LOST = STEP.replace("exit 4", "rm -rf {root}/home/.claude/projects; exit 4")


def lost(site, run, provider):
    yield is_outcome(run, "verification_failed", "succeeded")
    ids = [attempt["agent"]["session"] for attempt in run["attempts"]]
    yield "two sessions", len(set(ids)) == 2, ids
    yield "it is asked anew", "Write the file work.txt" in str(provider.requests[3]["messages"]), ""
    costs = [attempt["agent"]["cost_usd"] for attempt in run["attempts"]]
    yield "costs", all(costs), costs


judge.case("a session that is lost", made(
    [write(), COMMIT, DONE, tool("Bash", command="echo 'work 2' > work.txt", description="Mend"), COMMIT, DONE],
    ANY, attempts=2, steps=LOST), lost)

judge.end()
