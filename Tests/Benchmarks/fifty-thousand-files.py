#!/usr/bin/env python3
"""Measures `linecook scaffold` of a release build on a repository of 50,000 files.

    swift build -c release --product linecook
    Tests/Benchmarks/fifty-thousand-files.py [--binary PATH] [--files 50000] [--rounds 3] [--keep]

The code is made up, from a fixed seed: functions of five languages over a vocabulary in which few words are common
and most are rare, 4 KB a file, 200 MB in all. Timed is the whole command, git's part included: without an index (cold),
with it (warm), after a commit that changes 50 files, and again with patterns and documents as globs. What git alone takes
to list and to hand out the files stands below, as it's in the cold figure. Everything lies in a temporary folder.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SYLLABLES = ("ba re to mi con ser ver par se ha nd ler que ry val ue in dex ma na ger lo ad ca che pro cess no de list str "
             "eam out put fi le path us er tok en").split()
BLOCKS = {
    ".ts": "export async function {a}({b}: {C}, {d}: string) {{\n  if (!{b}.{d}) {{\n    throw new {E}(`no ${{{d}}}`);\n"
           "  }}\n  const {f} = await {g}({b}.{d}, {{ {h}: {d} }});\n  return {f}.map(({i}) => {i}.{h});\n}}\n",
    ".swift": "func {a}(_ {b}: {C}, {d}: String) async throws -> [{E}] {{\n    guard let {f} = {b}.{d} else {{ return [] }}\n"
              "    let {g} = try await {f}.{h}({d})\n    return {g}.filter {{ $0.{i} != nil }}\n}}\n",
    ".go": "func (s *{C}) {A}({b} context.Context, {d} string) ([]{E}, error) {{\n\t{f}, err := s.{g}.{H}({b}, {d})\n"
           "\tif err != nil {{\n\t\treturn nil, fmt.Errorf(\"{h}: %w\", err)\n\t}}\n\treturn {f}.{I}, nil\n}}\n",
    ".py": "def {a}(self, {b}, {d}=None):\n    \"\"\"{h} of {i}.\"\"\"\n    {f} = self.{g}.{h}({b})\n    if {d} is None:\n"
           "        return {f}\n    return [{i} for {i} in {f} if {i}.{d} == {d}]\n",
    ".java": "  public List<{E}> {a}({C} {b}, String {d}) throws {E}Exception {{\n    {C} {f} = {b}.{g}({d});\n"
             "    if ({f} == null) {{\n      return List.of();\n    }}\n    return {f}.{h}().{i}();\n  }}\n",
}
CONFIGURATION = """state: ../state
workflows: ../workflows
linear: { endpoint: "http://127.0.0.1:9/graphql", token: $LINEAR_API_KEY }
forge: local
"""
WORKFLOW = """name: bench
tickets: {{ team: ENG, states: [Todo] }}
repository: {{ path: {repository} }}
agent: {{ kind: command, command: "true" }}
prompt:
  template: ticket.md
  context: {context}
"""
PROMPTS = """---
phases:
  A: {{ prompts: [1], parallel: true, depends_on_phases: [] }}
---

## Prompt 1: ENG-1 {title}

The {words} has to be retried when the {more} returns an error, and `src/new/File.ts` tells what went wrong.
"""


def words_of(generator):
    """Some words, of which the first are common."""
    return ["".join(generator.choice(SYLLABLES) for _ in range(generator.randint(1, 3))) for _ in range(20000)]


def identifier(generator, words):
    parts = [words[min(len(words) - 1, int(len(words) ** generator.random()) - 1)] for _ in range(generator.randint(1, 3))]
    return "".join(part.capitalize() for part in parts)


def make_repository(folder, files, size):
    """A bare repository, by one stream into git fast-import."""
    generator = random.Random(1)
    words = words_of(generator)
    blocks = {ending: [] for ending in BLOCKS}
    for ending, form in BLOCKS.items():
        for _ in range(4000):
            names = {}
            for letter in "abcdefghi":
                name = identifier(generator, words)
                names[letter.upper()] = name
                names[letter] = name[0].lower() + name[1:]
            blocks[ending].append(form.format(**names))
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", folder], check=True)
    git = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    total, paths = 0, []
    git.stdin.write(b"commit refs/heads/main\ncommitter b <b@example.com> 0 +0000\ndata 1\nx\n")
    for number in range(files):
        ending = generator.choice(list(BLOCKS))
        text = f"// {identifier(generator, words)}{number}\n" if ending != ".py" else f"# {number}\n"
        length = generator.randint(size // 2, size * 3 // 2)
        while len(text) < length:
            text += generator.choice(blocks[ending]) + "\n"
        path = f"src/{words[generator.randrange(200)]}/{words[generator.randrange(2000)]}/" \
               f"{identifier(generator, words)}{number}{ending}"
        data = text.encode()
        total += len(data)
        paths.append(path)
        git.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(data), data))
    for number in range(30):
        text = f"# Contract {number}\n\n{identifier(generator, words)}\n".encode()
        git.stdin.write(b"M 100644 inline docs/contracts/%d.md\ndata %d\n%s\n" % (number, len(text), text))
    git.stdin.close()
    if git.wait() != 0:
        sys.exit("git fast-import ended with an error")
    return total, paths, [identifier(generator, words) for _ in range(12)]


def change(folder, paths):
    """A commit on top that changes some files."""
    git = subprocess.Popen(["git", "-C", folder, "fast-import", "--quiet"], stdin=subprocess.PIPE)
    git.stdin.write(b"commit refs/heads/main\ncommitter b <b@example.com> 1 +0000\ndata 1\ny\nfrom refs/heads/main^0\n")
    for path in paths:
        text = f"function changed() {{\n  return '{path}';\n}}\n".encode()
        git.stdin.write(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text))
    git.stdin.close()
    if git.wait() != 0:
        sys.exit("git fast-import ended with an error")


def timed(command, folder):
    """Seconds, and the largest resident memory of the process in MB; git's memory isn't in it."""
    start = time.monotonic()
    environment = os.environ | {"LINEAR_API_KEY": "none"}
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output.decode()}")
    return seconds, usage.ru_maxrss / 1024


def git_alone(folder):
    """Seconds for listing all files, and for handing out all their contents."""
    start = time.monotonic()
    listing = subprocess.run(["git", "-C", folder, "ls-tree", "-r", "-z", "--long", "main"], check=True,
                             stdout=subprocess.PIPE).stdout
    listed = time.monotonic()
    blobs = b"\n".join(line.split()[2] for line in listing.split(b"\0") if line) + b"\n"
    ready = time.monotonic()
    subprocess.run(["git", "-C", folder, "cat-file", "--batch"], check=True, input=blobs, stdout=subprocess.DEVNULL)
    return listed - start, time.monotonic() - ready


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    here = Path(__file__).resolve().parents[2]
    parser.add_argument("--binary", type=Path, default=here / ".build/release/linecook")
    parser.add_argument("--files", type=int, default=50_000)
    parser.add_argument("--size", type=int, default=4096, help="the mean size of a file in bytes")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="leave the folder, and say where it is")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="linecook-files-"))
    try:
        origin, clone = folder / "origin.git", folder / "clone"
        total, paths, names = make_repository(origin, arguments.files, arguments.size)
        subprocess.run(["git", "clone", "--quiet", "--no-checkout", origin, clone], check=True)
        print(f"{arguments.files} files, {total / 1e6:.0f} MB")
        for name in ["Config", "workflows", "state"]:
            (folder / name).mkdir()
        (folder / "Config/linecook.yml").write_text(CONFIGURATION)
        (folder / "workflows/ticket.md").write_text("{{ ticket.title }}\n{{ context }}\n")
        prompts = folder / "prompts-bench.md"
        prompts.write_text(PROMPTS.format(title=names[0], words=" ".join(names[1:7]), more=" ".join(names[7:])))

        def measure(title, rounds, before=lambda: None):
            for _ in range(rounds):
                before()
                seconds, memory = timed([arguments.binary, "scaffold", prompts, "--workflow", "bench"], folder)
                print(f"  {title:28} {seconds:6.2f} s  {memory:5.0f} MB")

        def settings(context):
            (folder / "workflows/bench.yml").write_text(WORKFLOW.format(repository=clone, context=context))

        def forget():
            for index in (folder / "state").rglob("code-index"):
                index.unlink()

        settings("{}")
        measure("cold", arguments.rounds, forget)
        measure("warm", arguments.rounds)
        change(origin, paths[:50])
        measure("50 files changed", 1)
        settings('{ patterns: ["src/**/A*1.ts", "**/*2.{go,java}"], documents: ["docs/contracts/*.md"] }')
        measure("warm, with three globs", arguments.rounds)
        listed, read = git_alone(clone)
        print(f"  git alone: {listed:.2f} s to list, {read:.2f} s to read")
        for index in (folder / "state").rglob("code-index"):
            print(f"  index: {index.stat().st_size / 1e6:.0f} MB")
    finally:
        if arguments.keep:
            print(folder)
        else:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
