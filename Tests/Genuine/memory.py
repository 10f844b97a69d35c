#!/usr/bin/env python3
"""Judges agent.memory by a genuine kernel that has a memory controller: a Linux in a process of its own.

    apt-get install user-mode-linux                          # its program `linux`; other systems may name it so too
    swift build --build-tests
    sudo Tests/Genuine/memory.py [--tests .build/debug/linecookPackageTests.xctest] [--keep]

The tests of trees with bounded memory and of control groups run in there on this machine's own files, then the whole
program with an agent that takes more than it may. What the kernel ended is looked up in its messages. By hand, since
few machines have that program; about a minute.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from judge import Site

FILTER = "ProcessTreeTests.*(memory|control group)"
EATER = """#!/bin/sh
exec python3 -c 'held = b"x" * 200_000_000; import time; time.sleep(60)'
"""
# As the first process of that Linux: its root is this machine's, and /tmp and what it says are its own.
INIT = """#!/bin/sh
exec > '{out}' 2>&1
export PATH='{path}' HOME=/root LANG=C
mount -t proc proc /proc && mount -t sysfs sys /sys && {{ test -e /dev/null || mount -t devtmpfs dev /dev; }}
mkdir -p /dev/shm /dev/pts && mount -t tmpfs shm /dev/shm && mount -t devpts pts /dev/pts
ln -sf /proc/self/fd /dev/fd && ip link set lo up
mount -t cgroup2 cgroup /sys/fs/cgroup && mount -t tmpfs -o size=4g tmp /tmp
cd '{folder}' && timeout {limit} '{tests}' --testing-library swift-testing --filter '{filter}'
echo "exit $?"
timeout {limit} '{python}' '{script}' --inside --binary '{binary}'
dmesg
echo "left: $(find /sys/fs/cgroup -mindepth 1 -type d | tr '\\n' ' ')"
exec > /dev/null 2>&1
sync
echo o > /proc/sysrq-trigger
exec sleep 60
"""

HERE = Path(__file__).resolve().parent
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--tests", default=str(HERE.parent.parent / ".build/debug/linecookPackageTests.xctest"))
parser.add_argument("--binary", default=str(HERE.parent.parent / ".build/debug/linecook"))
parser.add_argument("--linux", default="linux", help="the kernel that is a program")
parser.add_argument("--limit", type=int, default=300, help="seconds for the tests")
parser.add_argument("--keep", action="store_true", help="leave what was said, also when it went well")
parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
options = parser.parse_args()

if options.inside:
    eater = Path("/tmp/eater")
    eater.write_text(EATER)
    eater.chmod(0o755)
    site = Site(options.binary, ["kind: command", f"command: {eater}", "memory: 60MB"])
    site.wait(site.start(), None, options.limit)
    attempts = [[attempt["outcome"], attempt["reason"]] for attempt in site.run()["attempts"]]
    print(f"program: {json.dumps([attempts, site.left()])}", flush=True)
    sys.exit()

if os.geteuid() != 0 or not shutil.which(options.linux):
    sys.exit("this needs root, whose files that Linux sees as its own, and the program 'linux' of user-mode-linux")

# Not in /tmp, which is another one in there.
folder = Path(tempfile.mkdtemp(prefix="linecook-memory-", dir="/var/tmp"))
out, init = folder / "out", folder / "init"
tests = Path(options.tests).resolve()
init.write_text(INIT.format(out=out, path=os.environ["PATH"], folder=tests.parent, tests=tests, filter=FILTER,
                            limit=options.limit, python=sys.executable, script=Path(__file__).resolve(),
                            binary=Path(options.binary).resolve()))
init.chmod(0o755)
with open(folder / "console", "wb") as console:
    subprocess.run([options.linux, "rootfstype=hostfs", "rootflags=/", "rw", "mem=2G", f"init={init}", "con=null",
                    "con0=null,fd:1"], stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                   timeout=2 * options.limit + 60, check=False)

text = out.read_text(errors="replace") if out.exists() else ""
passed = re.findall(r'^\S+ Test "(.*)" passed', text, re.MULTILINE)
ended = set(re.findall(r"oom_memcg=\S*?/(linecook-\S+?),", text))
wrong = re.findall(r"^\S+ Test .* recorded an issue.*", text, re.MULTILINE)
if "\nexit 0\n" not in text:
    wrong.append("the tests didn't end well")
if "the kernel lets a tree take no more than its memory, and all of it is gone then" not in passed:
    wrong.append("the kernel bounds no memory in there")
program = re.search(r"^program: (.*)$", text, re.MULTILINE)
reason = "ended since it held 60 MB of memory with all that it had started; agent.memory allows 60 MB"
if not program or json.loads(program[1]) != [[["agent_failed", reason]], []]:
    wrong.append(f"the program's run: {program[1] if program else 'none'}")
if len(ended) < 3:
    wrong.append(f"the kernel ended {len(ended)} trees, not the three of these tests and that run")
left = re.search(r"^left: (.*)$", text, re.MULTILINE)
if not left or left[1].strip():
    wrong.append(f"groups left behind: {left[1] if left else 'unknown'}")
for name in passed:
    print(f"ok   {name}")
print(f"the program's run: {program[1] if program else 'none'}")
print(f"the kernel ended {len(ended)} trees over their memory")
for each in wrong:
    print(f"FAIL {each}")
if wrong or options.keep:
    print(f"kept in {folder}")
else:
    shutil.rmtree(folder)
sys.exit(1 if wrong else 0)
