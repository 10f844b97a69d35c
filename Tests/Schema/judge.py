#!/usr/bin/env python3
"""Holds the JSON Schemas against the parser: both must judge every file alike.

    swift build --product linecook
    Tests/Schema/judge.py [--binary PATH] [--schemas Config/schema] [--rounds 3] [--records FOLDER]

Files are those that ship and mutants of them: every key of the schema gets values of the wrong type, beyond its bounds, of a
wrong form and right ones, is removed and gets neighbours that aren't known, from a fixed seed, --rounds values a key and file.
linecook reads them all in one go. What only the parser refuses must have one of the reasons that the schema names in its
$comment, and REASONS here knows each of them by its message. What only the schema refuses is always a mistake.

--records is searched for run.json files, which must be valid by the schema of run records and hold no key that it doesn't know.

Needs jsonschema and PyYAML: .ci/run makes a virtual environment under .build for it.
"""
import argparse
import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = {
    "workflow": ["workflows/default.yml", "workflows/demo.yml", "workflows/portfolio.yml",
                 "Tests/WorkflowFileTests/Fixtures/full.yml"],
    "config": ["Config/linecook.yml"],
}
# Why the parser alone may refuse a file: the words of the schema's $comment, and the messages that they stand for.
REASONS = {
    "the ranges of durations, sizes and counts": r"it takes a (duration|size) from|it takes a number from \d+k",
    "the names that git allows": r"git allows (no branch|none) ",
    "placeholders in templates of names": r"placeholder|'\{\{' is never closed|would be the same for every ticket",
    "cron expressions": r"cron|\d fields? instead of \d",
    "time zones": r"time zone",
    "files that must be there": r"the template .* (can't be used|isn't text|is empty)",
    "variables and '~' in paths": r"which isn't set|without the name of a variable|only your own home folder",
    "paths that leave the repository": r"isn't inside the repository",
    "programs without their arguments": r"it takes the program alone",
    "conditions and filters that name nothing": r"names no condition|is empty; it takes entries|is empty, which Linear takes",
    "addresses": r"it takes an address that|is an address that can't be used",
    "the repository's path or url": r"the key 'path' is missing in 'repository'",
    "what concerns two keys at once": r"'[a-z_]+\.[a-z_.]+'.*'[a-z_]+\.[a-z_.]+'|in 'all' and in 'none'|two steps are called",
}
VALUES = [
    None, True, False, 0, 1, 2, 7, -1, 1.0, 1.5, 0.25, 50, 1000, 1001, 10**6, 10**12, 10**20, "", " ", "\n", "a\n", "a\nb",
    "a\tb", "\u00a0", "text", "two words", "no", "on", "0777", "12", "-x", "a/b", "../a", "/a", "~/a", "~b/c", "$HOME/a",
    "$NOWHERE_AT_ALL", "${HOME", "file:a", "file:", "file: a\nb", "https://a.example/b", "http://a.example",
    "https://a@b.example", "https://gr\u00fcn.example", "ftp://a.example", "https:///", "https://?", "a b@c", "x" * 65,
    "gr\u00f6\u00dfe", "0s", "45m", "1h30m", "30m1h", "500ms", "1500ms", "400d", "45min", "1 h", "1234567890s", "0B", "40KB",
    "10MB", "999999999GB", "10 MB", "40kb", "*/5 * * * *", "60 * * * *", "@hourly", "Europe/Berlin", "Europe/Berlim",
    "{{ ticket.key }}", "a-{{ ticket.number }}", "a-{{ ticket.kye }}", "a..{{ ticket.key }}", "{{ ticket.key", "all", "off",
    "default", [], [None], [7], ["text"], ["text", "text"], ["text", 7], [""], ["a\nb"], [[]], [{}], {}, {"text": 1},
    {"text": "text"}, {"text": None}, {"": 3}, {"x-own": 1}, {"zzz": 1},
]


class CoreLoader(yaml.SafeLoader):
    """PyYAML with the scalars of YAML 1.2's core schema."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    ("float", r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
     list("-+0123456789.")),
    ("merge", r"^<<$", ["<"]),
]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: whole(loader.construct_scalar(node)))


def whole(text):
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


def resolved(schema, root):
    """The schema that a reference stands for."""
    while "$ref" in schema:
        target = root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def with_whole_ends(schema):
    """Python's $ also stands before a line end at the end of a text, which the $ of JSON Schema doesn't."""
    if isinstance(schema, list):
        return [with_whole_ends(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: with_whole_ends(value) for name, value in schema.items()}
    if isinstance(result.get("pattern"), str):
        result["pattern"] = re.sub(r"(?<!\\)\$$", r"\\Z", result["pattern"])
    return result


def own_values(schema):
    """Values around what one key's schema says: its words, bounds and examples, and what comes close to them."""
    values = list(schema.get("examples", []))
    if "default" in schema:
        values.append(schema["default"])
    for word in schema.get("enum", []):
        values += [word, word.upper() if isinstance(word, str) else word, f"{word}x"]
    for bound in ("minimum", "maximum"):
        if bound in schema:
            values += [schema[bound], schema[bound] - 1, schema[bound] + 1, schema[bound] + 0.5]
    for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
        values += own_values(branch)
    if isinstance(schema.get("items"), dict):
        values += [[value] for value in own_values(schema["items"])]
    if isinstance(schema.get("additionalProperties"), dict):
        values += [{"text": value} for value in own_values(schema["additionalProperties"])]
    return values


def keys_of(schema, root, path=()):
    """Every key that the schema knows, with its place and its own schema; those of list items under the first item."""
    schema = resolved(schema, root)
    for name, inner in schema.get("properties", {}).items():
        inner = resolved(inner, root)
        yield path + (name,), inner
        yield from keys_of(inner, root, path + (name,))
    for branch in schema.get("anyOf", []) + schema.get("oneOf", []):
        yield from keys_of(branch, root, path)
    if isinstance(schema.get("items"), dict):
        yield from keys_of(schema["items"], root, path + (0,))


def put(document, path, value):
    """A copy with a value at a path, whose mappings and lists are made where they are missing."""
    result = copy.deepcopy(document)
    node = result
    for part, following in zip(path, path[1:]):
        if isinstance(part, int):
            if not node:
                node.append({})
            inner = node[part]
        else:
            inner = node.get(part)
        if not isinstance(inner, list if isinstance(following, int) else dict):
            inner = [{}] if isinstance(following, int) else {}
            node[part] = inner
        node = inner
    node[path[-1]] = value
    return result


def take(document, path):
    """A copy without what stands at a path; nothing where nothing stands there."""
    result = copy.deepcopy(document)
    node = result
    for part in path[:-1]:
        try:
            node = node[part]
        except (KeyError, IndexError, TypeError):
            return None
    return result if isinstance(node, dict) and node.pop(path[-1], node) is not node else None


def mutants(document, schema, rounds, generator):
    """(what was done, the file) for each mutant of a file."""
    for value in [None, True, 7, "text", [], {}, [document]]:
        yield f"the whole file is {value!r:.60}", value
    yield "zzz at the top", document | {"zzz": 1}
    yield "x-own at the top", document | {"x-own": {"a": [1]}}
    for path, inner in keys_of(schema, schema):
        name = ".".join(map(str, path))
        without = take(document, path)
        if without is not None:
            yield f"without {name}", without
        values = generator.sample(VALUES, rounds)
        own = own_values(inner)
        values += generator.sample(own, min(rounds, len(own)))
        if "properties" in inner:
            values += [None, {"zzz": 1}, {"x-own": 1}]
        for value in values:
            yield f"{name} is {value!r:.80}", put(document, path, value)


class Judge:
    def __init__(self, schemas, binary):
        self.binary = binary
        self.validators = {}
        self.flaws = []
        self.counts = Counter()
        self.used = Counter()
        for kind in ("workflow", "config", "run"):
            schema = json.loads((schemas / f"{kind}.schema.json").read_text())
            jsonschema.Draft202012Validator.check_schema(schema)
            self.validators[kind] = jsonschema.Draft202012Validator(with_whole_ends(schema))
            self.check_described(schema, schema, kind)
            if kind != "run":
                self.check_comment(kind, schema.get("$comment", ""))

    def check_comment(self, kind, comment):
        named = comment.partition(": ")[2].rstrip(".").split("; ")
        for reason in sorted(set(named) ^ set(REASONS)):
            where = "REASONS in Tests/Schema/judge.py doesn't know" if reason in named else "$comment doesn't name"
            self.flaws.append(f"{kind}.schema.json: {where} '{reason}'")

    def check_described(self, schema, root, kind):
        for path, inner in keys_of(schema, root):
            name = f"{kind}.schema.json: {'.'.join(map(str, path))}"
            if not inner.get("description"):
                self.flaws.append(f"{name} has no description")
            isLeaf = "properties" not in inner and "properties" not in inner.get("items", {})
            if isLeaf and not inner.get("examples"):
                self.flaws.append(f"{name} has no examples")
            validator = jsonschema.Draft202012Validator(with_whole_ends(inner))
            for example in inner.get("examples", []) + [inner[key] for key in ["default"] if key in inner]:
                if not validator.is_valid(example):
                    self.flaws.append(f"{name}: {example!r} is an example or default and isn't valid")

    def complaints(self, folder, arguments):
        """The parser's errors by file."""
        environment = os.environ | {"HOME": str(folder / "home"), "CODE": str(folder / "code")}
        result = subprocess.run([self.binary, "validate", "--format", "json", *arguments], cwd=folder, env=environment,
                                stdout=subprocess.PIPE)
        if result.returncode not in (0, 1):
            sys.exit(f"{self.binary} validate ended with {result.returncode}")
        answer = json.loads(result.stdout)
        errors = {file: [] for file in answer["files"]}
        for found in answer["diagnostics"]:
            # Mutants bear the names of their originals, which only matters where files are in force together.
            if found["severity"] == "error" and not re.match(r"the name '.*' is taken by ", found["message"]):
                errors.setdefault(found["file"], []).append(found["message"])
        return errors

    def compare(self, kind, title, document, parser):
        schema = [f"{error.json_path}: {error.message:.160}" for error in self.validators[kind].iter_errors(document)]
        if not schema and not parser:
            self.counts["accepted by both"] += 1
        elif schema and parser:
            self.counts["refused by both"] += 1
        elif schema:
            self.flaws.append(f"{title}: only the schema refuses it\n    " + "\n    ".join(schema))
        else:
            unlisted = []
            for message in parser:
                reasons = [reason for reason, form in REASONS.items() if re.search(form, message)]
                self.used.update(reasons)
                if not reasons:
                    unlisted.append(message)
            if unlisted:
                self.flaws.append(f"{title}: only the parser refuses it, for no listed reason\n    " + "\n    ".join(unlisted))
            else:
                self.counts["refused by the parser alone, for a listed reason"] += 1

    def judge_files(self, rounds):
        generator = random.Random(1)
        folder = Path(tempfile.mkdtemp(prefix="linecook-schema-"))
        try:
            files = {}
            (folder / "mutants").mkdir()
            shutil.copytree(ROOT / "workflows/prompts", folder / "mutants/prompts")
            shutil.copy(ROOT / "Tests/WorkflowFileTests/Fixtures/prompt.md", folder / "mutants")
            for kind, paths in SHIPPED.items():
                for path in paths:
                    text = (ROOT / path).read_text()
                    document = yaml.load(text, CoreLoader)
                    made = [("as it ships", document)]
                    made += mutants(document, self.validators[kind].schema, rounds, generator)
                    for number, (title, mutant) in enumerate(made):
                        name = f"mutants/{len(files):05}.yml"
                        if kind == "config":  # linecook knows it by its name
                            name = f"config/{number}/linecook.yml"
                            (folder / name).parent.mkdir(parents=True)
                        # JSON is YAML; a file that ships is judged as it is.
                        content = text if number == 0 else json.dumps(mutant, ensure_ascii=False, indent=1) + "\n"
                        (folder / name).write_text(content)
                        files[name] = (kind, f"{path}: {title}", mutant)
            errors = self.complaints(folder, ["mutants", *(name for name in files if name.startswith("config/"))])
            for name, (kind, title, mutant) in files.items():
                self.compare(kind, title, mutant, errors[name])
                if title.endswith(": as it ships") and errors[name]:
                    self.flaws.append(f"{title}, the parser refuses it: {errors[name][0]}")
            print(f"{len(files)} files, {sum(map(len, SHIPPED.values()))} of them as they ship")
        finally:
            shutil.rmtree(folder)

    def judge_records(self, folder):
        paths = sorted(folder.rglob("run.json"))
        if not paths:
            self.flaws.append(f"{folder} holds no run.json")
        validator = self.validators["run"]
        for path in paths:
            if path.parent.is_symlink():
                continue
            record = json.loads(path.read_text())
            self.flaws += [f"{path}: {error.json_path}: {error.message:.160}" for error in validator.iter_errors(record)]
            unknown = sorted(set(record) - set(validator.schema["properties"]))
            self.flaws += [f"{path}: the schema doesn't know '{key}'" for key in unknown]
            self.counts["run records"] += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/debug/linecook")
    parser.add_argument("--schemas", type=Path, default=ROOT / "Config/schema")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=Path)
    arguments = parser.parse_args()
    judge = Judge(arguments.schemas, arguments.binary.resolve())
    judge.judge_files(arguments.rounds)
    if arguments.records:
        judge.judge_records(arguments.records)
    for name, count in sorted(judge.counts.items()):
        print(f"  {count:5} {name}")
    for reason in REASONS:
        print(f"        {judge.used[reason]:5} messages: {reason}")
    for flaw in judge.flaws:
        print(f"error: {flaw}", file=sys.stderr)
    if judge.flaws:
        sys.exit(f"{len(judge.flaws)} disagreements")


if __name__ == "__main__":
    main()
