#!/usr/bin/env python3
"""Measures the YAML room on a file of 5 MB against libyaml's own event loop in C, and on a billion laughs.

    Tests/Benchmarks/yaml-speed.py [--megabytes 5] [--rounds 7] [--keep]

The file is a list of made-up workflows from a fixed seed: block and flow style, plain, quoted and block scalars, comments,
anchors and aliases. The room's sources are compiled as they are, optimised, together with yaml-speed/main.swift; the loop is
yaml-speed/events.c. Times are of the processor, user and system, of a whole process: its start and reading the file are in
both. The smallest of all rounds counts, as whatever else runs on the machine only adds to it. Everything lies in a temporary
folder.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORDS = "build lint test deploy article page ticket review branch worktree frontend backend in progress today größe".split()
FEATURES = ["ExistentialAny", "InferIsolatedConformances", "InternalImportsByDefault", "MemberImportVisibility",
            "NonisolatedNonsendingByDefault"]


def make_file(path, size):
    generator = random.Random(1)

    def words(count):
        return " ".join(generator.choice(WORDS) for _ in range(count))

    with path.open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < size:
            number += 1
            file.write(f"""\
- name: workflow-{number}
  # {words(9)}
  schedule: {{ cron: "*/{generator.randint(1, 59)} 8-19 * * MON-FRI", jitter: {generator.randint(0, 60)}s }}
  tickets: &tickets{number}
    team: FRE
    states: [Todo, {words(1)}, "{words(2)}"]
    labels: {{ all: [agent, {words(1)}], none: [needs-design] }}
  repository:
    path: ../{words(1)}
    branch: "feature/{{{{ ticket.key }}}}-{{{{ ticket.slug }}}}"
    setup: |
      npm ci
      npm run {words(1)}
  slots: {{ total: {generator.randint(1, 99)}, by_label: {{ frontend: 2, backend: {generator.randint(1, 9)} }} }}
  agent:
    kind: claude-code
    max_turns: {generator.randint(1, 999)}
    budget: {generator.random() * 100:.2f}
    environment: [ANTHROPIC_API_KEY, HOME, '{words(1).upper()}']
  verify:
    steps:
      - {{ name: build, run: npm run build, timeout: {generator.randint(1, 59)}m }}
      - name: {words(1)}
        run: {words(6)}
  x-again: {f"*tickets{number}" if number % 10 == 0 else "no"}
""")


def make_laughs(path):
    lines = ["a: &a [" + ", ".join(["lol"] * 9) + "]"]
    for before, name in zip("abcdefgh", "bcdefghi"):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{before}"] * 9) + "]")
    path.write_text("\n".join(lines) + "\n")


def run(command):
    """What it prints, its exit code, seconds of processor, and its largest resident memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}: {output}")
    return output.strip(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--keep", action="store_true", help="leave the folder, and say where it is")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="linecook-yaml-"))
    try:
        large, laughs = folder / "large.yml", folder / "laughs.yml"
        make_file(large, arguments.megabytes * 1e6)
        make_laughs(laughs)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "yaml-0.1"], check=True, stdout=subprocess.PIPE,
                               text=True).stdout.split()
        loop, room = folder / "events", folder / "room"
        subprocess.run(["cc", "-O2", "-o", loop, HERE / "yaml-speed/events.c", *flags], check=True)
        features = [word for feature in FEATURES for word in ("-enable-upcoming-feature", feature)]
        subprocess.run(["swiftc", "-O", "-wmo", "-swift-version", "6", "-package-name", "linecook", *features,
                        "-I", ROOT / "Sources/CYAML", "-o", room, "-lyaml", HERE / "yaml-speed/main.swift",
                        *sorted((ROOT / "Sources/YAML").glob("*.swift"))], check=True)
        rounds = [(run([loop, large]), run([room, large])) for _ in range(arguments.rounds)]
        best_loop = min((each[0] for each in rounds), key=lambda each: each[1])
        best_room = min((each[1] for each in rounds), key=lambda each: each[1])
        print(f"{large.stat().st_size / 1e6:.1f} MB")
        for name, (output, seconds, memory) in [("libyaml's events in C", best_loop), ("the YAML room", best_room)]:
            print(f"  {name:22} {seconds:6.3f} s  {memory:5.0f} MB  {output.splitlines()[0]}")
        print(f"  ratio                  {best_room[1] / best_loop[1]:6.2f}")
        print("a billion laughs")
        output, seconds, memory = min((run([room, laughs]) for _ in range(arguments.rounds)), key=lambda each: each[1])
        print(f"  the YAML room          {seconds:6.3f} s  {memory:5.1f} MB  the process and all")
        for line in output.splitlines():
            print(f"  {line.replace(str(folder) + '/', '')}")
    finally:
        if arguments.keep:
            print(folder)
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
