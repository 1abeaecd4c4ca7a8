"""Runs clang-format or clang-tidy on the C++ files that differ from the base: the merge base with
origin's main branch, or the commit before this one, together with what is not committed.

    changed_files.py --root FOLDER --build FOLDER format | clang-tidy

Without any base, format looks at every file. clang-tidy, which needs a minute for a big file, then
looks at none and ends with 77, which ctest shows as skipped; so it does when no source has changed.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
FOLDERS = ("engine", "ui", "app", "tests")


LOOKED_AT_MAX = 24  # A change of the whole tree would take an hour.


def git(root, *arguments):
    """The lines that git prints, or None where it fails."""
    try:
        result = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return None
    return result.stdout.splitlines() if result.returncode == 0 else None


def find_base(root):
    """The commit that the work is compared with, or None."""
    head = git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if not head:
        return None
    for upstream in ("origin/HEAD", "origin/main", "origin/master"):
        base = git(root, "merge-base", "HEAD", upstream)
        if base and base != head:
            return base[0]
    previous = git(root, "rev-parse", "--verify", "--quiet", "HEAD~1")
    return previous[0] if previous else None


def all_files(root):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cpp") and "node_modules" not in path.parts:
                yield path.relative_to(root).as_posix()


def changed_files(root, base):
    names = git(root, "diff", "--name-only", "--diff-filter=d", base, "--") or []
    names += git(root, "ls-files", "--others", "--exclude-standard") or []
    return sorted(
        {
            name
            for name in names
            if name.startswith(tuple(f + "/" for f in FOLDERS))
            and name.endswith((".h", ".cpp"))
            and (root / name).is_file()
        }
    )


def tool(name):
    path = shutil.which(f"{name}-14") or shutil.which(name)
    if path is None:
        sys.exit(f"{name}-14 is not installed; installer/test.sh installs it")
    return path


def run_format(root, names):
    command = tool("clang-format")
    batches = [names[at : at + 40] for at in range(0, len(names), 40)]

    def look(batch):
        return subprocess.run(
            [command, "--dry-run", "-Werror", *batch],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )

    wrong, failures = set(), []
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        for result in pool.map(look, batches):
            found = re.findall(r"^(\S+):\d+:\d+: error:", result.stderr, re.MULTILINE)
            wrong.update(found)
            if result.returncode != 0 and not found:
                failures.append(result.stderr)
    for text in failures:
        print(text, end="")
    for name in sorted(wrong):
        print(f"{name} is not formatted")
    if wrong:
        print("To format them: clang-format-14 -i " + " ".join(sorted(wrong)))
    print(f"{len(names)} files looked at, {len(wrong)} not formatted")
    return 1 if wrong or failures else 0


def run_clang_tidy(root, build, names):
    database = build / "compile_commands.json"
    if not database.exists():
        sys.exit(f"{database} is missing; configure the build folder first")
    compiled = {
        os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        for entry in json.loads(database.read_text(encoding="utf-8"))
    }
    sources = [name for name in names if os.path.realpath(root / name) in compiled]
    if not sources:
        print("No source that is compiled here has changed: nothing to look at.")
        return SKIPPED
    if len(sources) > LOOKED_AT_MAX:
        print(f"{len(sources)} sources changed; the first {LOOKED_AT_MAX} are looked at.")
        sources = sources[:LOOKED_AT_MAX]
    command = tool("clang-tidy")

    def look(name):
        result = subprocess.run(
            [command, "-p", str(build), "--quiet", str(root / name)],
            capture_output=True,
            text=True,
            check=False,
        )
        return name, result

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(
        max_workers=max(1, (os.cpu_count() or 2) // 2)
    ) as pool:
        for name, result in pool.map(look, sources):
            if result.returncode != 0:
                failed += 1
                print(f"== {name}")
                print(result.stdout, end="")
                if not result.stdout:
                    print(result.stderr, end="")
    print(f"{len(sources)} sources looked at, {failed} with findings")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser(description="Runs a Clang tool on the files that changed.")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("what", choices=("format", "clang-tidy"))
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    base = find_base(root)
    if base is None and arguments.what == "clang-tidy":
        print("There is no commit to compare with: nothing to look at.")
        return SKIPPED
    names = changed_files(root, base) if base else list(all_files(root))
    print(f"Compared with {base[:12]}" if base else "All files: there is no commit to compare with")
    if arguments.what == "format":
        return run_format(root, names)
    return run_clang_tidy(root, arguments.build.resolve(), names)


if __name__ == "__main__":
    sys.exit(main())
