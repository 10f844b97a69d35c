#!/usr/bin/env python3
"""Judges Linecook by the genuine Codex: the ways in which it can end, against a scripted provider on loopback.

    python3 -m venv VENV && VENV/bin/pip install openai-codex-cli-bin      # its wheel holds the program
    swift build --product linecook
    Tests/Genuine/codex.py --codex "$(find VENV -name codex -path '*bin/codex')" [--only WORDS] [--keep]

No account, no key and no network are needed. By hand, since the program is large; about two minutes.
"""
import argparse
import os
import time
from datetime import datetime, timezone
from pathlib import Path

from judge import Judge, Site, is_outcome, is_state, of_agent, parked
from scripted import DROPPED, PINGS, SILENT, Provider, error, responses, text, tool

HERE = Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--codex", required=True)
parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/debug/linecook"))
parser.add_argument("--only", help="only the cases whose name holds this")
parser.add_argument("--keep", action="store_true", help="leave the folders of cases that went well, too")
options = parser.parse_args()
judge = Judge(options)

OPEN = ["--dangerously-bypass-approvals-and-sandbox"]
DONE = text("Done: the file is there.")


def command(words):
    return tool("exec_command", cmd=words)


WRITE = command("echo 'work 1' > work.txt")
COMMIT = command("git add -A && git commit -q -m 'Do the work'")


def made(script, *settings, attempts=1, steps="", key="scripted", arguments=OPEN):
    def make():
        provider = Provider(list(script), responses)
        environment = {"OPENAI_API_KEY": key} if key else {}
        values = {"model_provider": "scripted", "model_providers.scripted.name": "scripted",
                  "model_providers.scripted.base_url": provider.address + "/v1",
                  "model_providers.scripted.env_key": "OPENAI_API_KEY",
                  "model_providers.scripted.wire_api": "responses"}
        words = arguments + [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
        names = ("OPENAI_API_KEY, GIT_AUTHOR_NAME, GIT_AUTHOR_EMAIL, GIT_COMMITTER_NAME, GIT_COMMITTER_EMAIL,"
                 " GIT_CONFIG_NOSYSTEM")
        agent = ["kind: codex", f"command: {options.codex}", f"environment: [{names}]",
                 f"arguments: [{', '.join(repr(word) for word in words)}]", *settings]
        for name, value in (("timeout", "80s"), ("stall", "60s")):
            if not any(line.startswith(name) for line in settings):
                agent.append(f"{name}: {value}")
        return provider, Site(options.binary, agent, attempts, steps, environment)
    return make


def limit(**fields):
    return {**error(429, "usage_limit_reached", "The usage limit has been reached"), "fields": fields}


def at(run):
    return datetime.fromisoformat(run["retry"]["at"].replace("Z", "+00:00")).timestamp()


judge.case("edit and commit", made([WRITE, COMMIT, DONE]), lambda site, run, provider: [
    is_outcome(run, "succeeded"), is_state(run, "in_review"), of_agent(run, "input_tokens", 180),
    of_agent(run, "output_tokens", 60), of_agent(run, "exit", 0)])

judge.case("edit without a commit", made([WRITE, DONE]), lambda site, run, provider: [is_outcome(run, "succeeded")])

judge.case("no change", made([text("There is nothing to do.")]), lambda site, run, provider: [
    is_outcome(run, "no_changes"), is_state(run, "failed")])

judge.case("overloaded for good", made([error(503, "overloaded", "Overloaded")]), until=parked,
           expect=lambda site, run, provider: [is_outcome(run, "overloaded"), is_state(run, "parked")])

judge.case("limit without a time", made([error(429, "rate_limit_error", "Slow down.")]), until=parked,
           expect=lambda site, run, provider: [is_outcome(run, "rate_limited"), is_state(run, "parked")])

SOON = int(time.time()) + 3 * 3600 + 12 * 60
judge.case("limit until later today", made([limit(plan_type="plus", resets_at=SOON)]), until=parked,
           expect=lambda site, run, provider: [
    is_outcome(run, "rate_limited"), is_state(run, "parked"),
    ("until, to the minute", 0 <= SOON - at(run) < 60, (SOON, run["retry"]))])

LATER = int(time.time()) + 3 * 86400
judge.case("limit until another day", made([limit(plan_type="plus", resets_at=LATER)]), until=parked,
           expect=lambda site, run, provider: [
    is_outcome(run, "rate_limited"), is_state(run, "parked"),
    ("until, to the minute", 0 <= LATER - at(run) < 60, (LATER, run["retry"]))])

judge.case("a plan without it", made([{**limit(), "kind": "usage_not_included"}]), lambda site, run, provider: [
    is_outcome(run, "auth_failed"), is_state(run, "failed")])

judge.case("wrong key", made([error(401, "invalid_api_key", "Incorrect API key")]), lambda site, run, provider: [
    is_outcome(run, "auth_failed"), is_state(run, "failed")])

judge.case("no key", made([DONE], key=None), lambda site, run, provider: [
    is_outcome(run, "auth_failed"), is_state(run, "failed")])

judge.case("bad request", made([error(400, "invalid_request_error", "No such parameter")]),
           lambda site, run, provider: [is_outcome(run, "misconfigured"), is_state(run, "failed")])

judge.case("a flag that doesn't exist", made([DONE], arguments=["--no-such-flag"]), lambda site, run, provider: [
    is_outcome(run, "misconfigured"), is_state(run, "failed")])

judge.case("silent provider", made([SILENT], "stall: 6s"), lambda site, run, provider: [
    is_outcome(run, "stalled"), is_state(run, "failed")])

judge.case("nothing but pings", made([PINGS], "stall: 6s"), lambda site, run, provider: [
    is_outcome(run, "stalled"), is_state(run, "failed")])

judge.case("connection dropped", made([DROPPED, WRITE, COMMIT, DONE]), lambda site, run, provider: [
    is_outcome(run, "succeeded")])

judge.case("timeout in a tool", made([command("sleep 300")], "timeout: 8s"), lambda site, run, provider: [
    is_outcome(run, "timed_out"), is_state(run, "failed")])

judge.case("a tool that stays behind", made(
    [command("nohup setsid sleep 1234 >/dev/null 2>&1 & echo started"), WRITE, DONE]), lambda site, run, provider: [
        is_outcome(run, "succeeded")])

STEP = """{{ name: check, run: "grep -q 'work 2' work.txt || {{ echo 'work 2 is missing'; exit 4; }}" }}"""
MEND = command("echo 'work 2' > work.txt")


def resumed(site, run, provider):
    yield is_outcome(run, "verification_failed", "succeeded")
    sessions = [attempt["agent"]["session"] for attempt in run["attempts"]]
    yield "one session", len(set(sessions)) == 1, sessions
    yield "it knows the first half", "Write the file work.txt" in str(provider.requests[3]["input"]), ""
    yield "it is told why", "work 2 is missing" in str(provider.requests[3]["input"][-1]), provider.requests[3]["input"][-1]
    tokens = [attempt["agent"]["output_tokens"] for attempt in run["attempts"]]
    yield "each its own tokens", tokens == [60, 60], tokens


judge.case("a retry goes on", made([WRITE, COMMIT, DONE, MEND, COMMIT, DONE], attempts=2, steps=STEP), resumed)


def lost(site, run, provider):
    yield is_outcome(run, "verification_failed", "succeeded")
    sessions = [attempt["agent"]["session"] for attempt in run["attempts"]]
    yield "two sessions", len(set(sessions)) == 2, sessions


judge.case("a session that is lost", made([WRITE, COMMIT, DONE, MEND, COMMIT, DONE], attempts=2,
                                          steps=STEP.replace("exit 4", "rm -rf {root}/home/.codex; exit 4")), lost)

judge.end()
