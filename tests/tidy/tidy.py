"""What this project asks of its sources and the compiler does not check: which module may include
which, what a deterministic module may not use, sizes, namespaces, and the comment that a header
begins with.

Run it on the tree: tidy.py [--root FOLDER]. Each finding is a line `file:line: [rule] sentence`;
the exit code is 1 where there is any. A finding that has a good reason goes to exceptions.txt
beside this file, with it.
"""

import argparse
import bisect
import re
import sys
from dataclasses import dataclass
from pathlib import Path

# The arrows: what a module may include beside itself. `base` is open to all.
ENGINE_ARROWS = {
    "base": "",
    "heap": "",
    "env": "",
    "protocol": "",
    "storage": "env protocol",
    "wire": "env protocol",
    "raft": "protocol",
    "metadata": "protocol",
    "replication": "protocol",
    "coordinator": "protocol",
    "broker": "env protocol wire storage raft metadata replication coordinator",
    "client": "env protocol wire coordinator",
    "observe": "",
    "world": "env protocol wire storage metadata broker client coordinator observe",
    "explore": "world env metadata observe",
    "scenario": "observe",
    "runtime": "world observe env scenario",
    "gateway": "runtime protocol observe env",
    "live": "protocol observe",
}
UI_ARROWS = {
    "feed": "",
    "models": "",
    "canvas": "",
    "views": "feed models canvas",
}
OPEN_TO_UI = {"observe", "base"}
SOCKET_MODULES = {"gateway", "live"}
DETERMINISTIC = {"raft", "metadata", "replication", "coordinator", "broker", "client", "world", "explore"}
# base and env put their names into `ottla` itself.
ROOT_NAMESPACE = {"base", "env"}

HEADER_LINES_MAX = 200
SOURCE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 100

FORBIDDEN_IN_DETERMINISTIC = [
    (r"std::chrono::\w*_clock\b", "a wall clock"),
    (r"\brandom_device\b", "std::random_device"),
    (r"\bstd::(?:mt19937|minstd_rand|default_random_engine)\w*", "a generator of <random>"),
    (
        r"\bstd::\w+_distribution\b",
        "a distribution of <random>, which each library draws differently",
    ),
    (r"\bstd::(?:jthread|thread)\b", "threads"),
    (r"\bstd::(?:\w*mutex|lock_guard|unique_lock|scoped_lock|condition_variable\w*)\b", "locks"),
    (r"\bstd::(?:async|future|promise|atomic)\b", "threads"),
    (
        r"(?<![\w.>:])(?:std::|::)?"
        r"(?:time|clock|gettimeofday|clock_gettime|localtime|gmtime)\s*\(\s*"
        r"(?:nullptr|NULL|0|&\w+|CLOCK_\w+[^)]*)?\s*\)",
        "the wall clock",
    ),
    (r"(?<![\w.>:])(?:std::|::)?s?rand\s*\(", "rand()"),
]
QT_INCLUDE = re.compile(r"^(?:Qt\w*/|Q[A-Z]\w*$|q[a-z]+\.h$)|^[qQ][cC]ustom[pP]lot")
SOCKET_INCLUDE = re.compile(r"^boost/(?:asio|beast)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
# Put together here, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: [{self.rule}] {self.text}"


class Source:
    """One file, with a copy of its text where comments and the contents of literals are blanks."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self.code = blank_comments_and_literals(text)
        self._starts = [0]
        for at, character in enumerate(text):
            if character == "\n":
                self._starts.append(at + 1)
        parts = path.split("/")
        self.top = parts[0]
        self.module = parts[1] if len(parts) > 2 else ""
        self.is_header = path.endswith(".h")
        self.is_test = self.top == "tests"

    def line_of(self, position):
        return bisect.bisect_right(self._starts, position)

    def includes(self):
        for match in INCLUDE.finditer(self.text):
            yield self.line_of(match.start(1)), match.group(1), match.group(2)


TOKEN = re.compile(
    r'//(?:\\\n|[^\n])*'
    r'|/\*.*?\*/'
    r'|(?:\bu8|\bu|\bU|\bL)?R"(?P<raw>[^\s()\\]{0,16})\(.*?\)(?P=raw)"'
    r'|"(?:\\.|[^"\\\n])*"'
    # A digit in front of the quote makes it a separator, as in 1'000.
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)


def blank_comments_and_literals(text):
    def blank(match):
        whole = match.group(0)
        empty = re.sub(r"[^\n]", " ", whole)
        if whole[0] in "\"'":
            return whole[0] + empty[1:-1] + whole[-1]
        return empty

    return TOKEN.sub(blank, text)


# --- rules: each takes a Source and yields findings ---


def arrows(source):
    for line, quote, target in source.includes():
        parts = target.split("/")
        if quote == "<" and parts[0] in ("engine", "ui", "app", "tests"):
            yield Finding(source.path, line, "include-style", f'write "{target}", not <{target}>')
        if parts[0] == "engine" and len(parts) > 2:
            to = parts[1]
            if source.top == "engine" and not engine_arrow(source.module, to):
                yield Finding(
                    source.path, line, "arrows", f"{source.module} may not include {to} ({target})"
                )
            if source.top == "ui" and to not in OPEN_TO_UI:
                yield Finding(
                    source.path,
                    line,
                    "arrows",
                    f"ui sees the engine by observe alone, not {to} ({target})",
                )
        elif parts[0] == "ui" and len(parts) > 2:
            to = parts[1]
            allowed = UI_ARROWS.get(source.module, "").split()
            if source.top == "engine":
                yield Finding(
                    source.path, line, "arrows", f"the engine may not include the ui ({target})"
                )
            if source.top == "ui" and to != source.module and to not in allowed:
                yield Finding(
                    source.path,
                    line,
                    "arrows",
                    f"ui/{source.module} may not include ui/{to} ({target})",
                )
        elif parts[0] in ("app", "tests") and source.top in ("engine", "ui"):
            yield Finding(
                source.path, line, "arrows", f"{source.top} may not include {parts[0]} ({target})"
            )


def engine_arrow(module, to):
    if module not in ENGINE_ARROWS:
        return False
    return to in (module, "base") or to in ENGINE_ARROWS[module].split()


def known_module(source):
    if source.top == "engine" and source.module and source.module not in ENGINE_ARROWS:
        yield Finding(
            source.path,
            1,
            "arrows",
            f"engine/{source.module} is no module that the architecture names",
        )
    if source.top == "ui" and source.module and source.module not in UI_ARROWS:
        yield Finding(
            source.path, 1, "arrows", f"ui/{source.module} is no module that the architecture names"
        )


def include_style(source):
    for line, quote, target in source.includes():
        if quote != '"' or target.endswith(".moc"):
            continue
        if not target.startswith(("engine/", "ui/", "app/", "tests/")) and not target.startswith(
            "moc_"
        ):
            yield Finding(
                source.path, line, "include-style", f'"{target}" is not a path from the root'
            )
        if ".." in target.split("/"):
            yield Finding(source.path, line, "include-style", f'"{target}" climbs')


def no_qt_in_engine(source):
    if source.top != "engine":
        return
    for line, _, target in source.includes():
        if QT_INCLUDE.search(target) or QT_INCLUDE.search(target.split("/")[-1]):
            yield Finding(source.path, line, "no-qt", f"Qt in the engine ({target})")


def sockets_at_the_edge(source):
    if source.top not in ("engine", "ui") or source.module in SOCKET_MODULES:
        return
    for line, _, target in source.includes():
        if SOCKET_INCLUDE.search(target):
            yield Finding(
                source.path, line, "sockets", f"{target} belongs to gateway and live alone"
            )


def deterministic(source):
    if source.top != "engine" or source.module not in DETERMINISTIC:
        return
    for pattern, what in FORBIDDEN_IN_DETERMINISTIC:
        for match in re.finditer(pattern, source.code):
            yield Finding(
                source.path,
                source.line_of(match.start()),
                "deterministic",
                f"{what} in {source.module}",
            )


UNORDERED = re.compile(r"\bstd::unordered_(?:multi)?(?:map|set)\s*<")


def unordered_names(code):
    """The variables and members that a piece of code declares as unordered containers."""
    names = set()
    for match in UNORDERED.finditer(code):
        at, depth = match.end(), 1
        while at < len(code) and depth:
            depth += {"<": 1, ">": -1}.get(code[at], 0)
            at += 1
        declared = re.match(r"\s*&?\s*(\w+)\s*(?:;|=|\{|\(|,|\))", code[at : at + 200])
        if declared:
            names.add(declared.group(1))
    return names


def unordered_iteration(source, other_half=""):
    """`other_half` is the header of a source: members are declared there."""
    if source.top != "engine" or source.module not in DETERMINISTIC:
        return
    names = unordered_names(source.code) | unordered_names(blank_comments_and_literals(other_half))
    for name in sorted(names):
        walk = rf":\s*(?:\w+(?:\.|->))*{name}\s*\)|\b{name}\s*(?:\.|->)\s*c?r?begin\s*\("
        for match in re.finditer(walk, source.code):
            if match.group(0).startswith(":") and not in_range_for(source.code, match.start()):
                continue
            yield Finding(
                source.path,
                source.line_of(match.start()),
                "unordered",
                f"walks {name}, whose order is not the same everywhere",
            )


def in_range_for(code, position):
    start = max(code.rfind(";", 0, position), code.rfind("{", 0, position))
    return re.search(r"\bfor\s*\(", code[start + 1 : position]) is not None


def sizes(source):
    limit = HEADER_LINES_MAX if source.is_header else SOURCE_LINES_MAX
    if len(source.lines) > limit:
        yield Finding(
            source.path, limit + 1, "file-size", f"{len(source.lines)} lines; {limit} is the limit"
        )
    for number, line in enumerate(source.lines, 1):
        if len(line) > LINE_COLUMNS_MAX:
            yield Finding(
                source.path,
                number,
                "line-length",
                f"{len(line)} columns; {LINE_COLUMNS_MAX} is the limit",
            )


NOT_A_FUNCTION = re.compile(r"\b(?:namespace|class|struct|union|enum|extern)\b[^()]*$")


def functions(code):
    """The outermost braces that follow a parameter list, as (start, end) positions: a function's
    head and last brace. Initialisers, types and namespaces are looked into."""
    found, depth_of_function, stack, head = [], None, [], 0
    for at, character in enumerate(code):
        if character == "{":
            if depth_of_function is None:
                text = code[head:at]
                if (
                    ")" in text
                    and not NOT_A_FUNCTION.search(text)
                    and "=" not in text.split("(")[0]
                ):
                    depth_of_function = len(stack)
                    start = head + len(text) - len(text.lstrip())
            stack.append(at)
            if depth_of_function is None:
                head = at + 1
        elif character == "}":
            if stack:
                stack.pop()
            if depth_of_function is not None and len(stack) == depth_of_function:
                # A constructor's `a_{1}, b_{2} {`: what goes on after the brace is still the head.
                after = code[at + 1 : at + 200].lstrip()
                if not after.startswith((",", "{")):
                    found.append((start, at))
                    depth_of_function, head = None, at + 1
                elif after.startswith(","):
                    depth_of_function = None
                else:
                    depth_of_function = None
            elif depth_of_function is None:
                head = at + 1
        elif character == ";" and depth_of_function is None:
            head = at + 1
    return found


def function_sizes(source):
    code = re.sub(
        r"^[ \t]*#(?:\\\n|[^\n])*",
        lambda m: re.sub(r"[^\n]", " ", m.group(0)),
        source.code,
        flags=re.MULTILINE,
    )
    for start, end in functions(code):
        first, last = source.line_of(start), source.line_of(end)
        if last - first + 1 > FUNCTION_LINES_MAX:
            yield Finding(
                source.path,
                first,
                "function-size",
                f"a function of {last - first + 1} lines; {FUNCTION_LINES_MAX} is the limit",
            )


def namespaces(source):
    if source.top != "engine" or not source.module:
        return
    wanted = "ottla" if source.module in ROOT_NAMESPACE else f"ottla::{source.module}"
    named = re.findall(r"^(?:inline )?namespace ([\w:]+)", source.code, re.MULTILINE)
    if source.is_header and not named:
        yield Finding(source.path, 1, "namespace", f"declares nothing in {wanted}")
    for match in re.finditer(r"^(?:inline )?namespace ([\w:]+)\s*\{", source.code, re.MULTILINE):
        name = match.group(1)
        before = source.code[: match.start()]
        nested = before.count("{") > before.count("}")
        if nested or name == wanted or name.startswith((wanted + "::", "std")) or name == "ottla":
            continue
        yield Finding(
            source.path, source.line_of(match.start()), "namespace", f"{name} in a file of {wanted}"
        )
    if source.is_header:
        for match in re.finditer(r"^\s*using namespace\b", source.code, re.MULTILINE):
            yield Finding(
                source.path,
                source.line_of(match.start()),
                "namespace",
                "using namespace in a header",
            )


def headers(source):
    if not source.is_header:
        return
    if not source.lines or not source.lines[0].startswith("//"):
        yield Finding(source.path, 1, "header-comment", "begins without saying what it is")
    if not re.search(r"^#pragma once$", source.text, re.MULTILINE):
        yield Finding(source.path, 1, "header-comment", "has no #pragma once")


def finished(source):
    for match in UNFINISHED.finditer(source.text):
        yield Finding(
            source.path, source.line_of(match.start()), "unfinished", f"says {match.group(0)}"
        )


RULES = [
    arrows,
    known_module,
    include_style,
    no_qt_in_engine,
    sockets_at_the_edge,
    deterministic,
    sizes,
    function_sizes,
    namespaces,
    headers,
    finished,
]
RULE_NAMES = {
    "arrows",
    "include-style",
    "no-qt",
    "sockets",
    "deterministic",
    "unordered",
    "file-size",
    "line-length",
    "function-size",
    "namespace",
    "header-comment",
    "unfinished",
    "exceptions",
}


def check(path, text, other_half=""):
    """All findings of one file."""
    source = Source(path, text)
    found = [finding for rule in RULES for finding in rule(source)]
    found += unordered_iteration(source, other_half)
    return sorted(set(found), key=lambda f: (f.path, f.line, f.rule))


# --- the tree ---

CPP_FOLDERS = ("engine", "ui", "app", "tests")
SKIPPED_FOLDERS = {"node_modules", "build", "__pycache__"}


def cpp_files(root):
    for top in CPP_FOLDERS:
        for path in sorted((root / top).rglob("*")):
            if (
                path.suffix in (".h", ".cpp")
                and path.is_file()
                and not SKIPPED_FOLDERS & set(path.parts)
            ):
                yield path


def read_exceptions(text):
    """Lines of `path  rule  reason`: {(path, rule): line number}, and findings on wrong lines."""
    allowed, wrong = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts = line.split(None, 2)
        if len(parts) < 3 or parts[1] not in RULE_NAMES:
            wrong.append(
                Finding(
                    "tests/tidy/exceptions.txt",
                    number,
                    "exceptions",
                    "a line is: path, rule, and the reason in words",
                )
            )
        else:
            allowed[(parts[0], parts[1])] = number
    return allowed, wrong


def check_tree(root, exceptions_text):
    allowed, findings = read_exceptions(exceptions_text)
    used = set()
    count = 0
    for path in cpp_files(root):
        count += 1
        name = path.relative_to(root).as_posix()
        header = path.with_suffix(".h")
        other = (
            header.read_text(encoding="utf-8") if path.suffix == ".cpp" and header.exists() else ""
        )
        for finding in check(name, path.read_text(encoding="utf-8"), other):
            if (finding.path, finding.rule) in allowed:
                used.add((finding.path, finding.rule))
            else:
                findings.append(finding)
    for key, number in allowed.items():
        if key not in used:
            findings.append(
                Finding(
                    "tests/tidy/exceptions.txt",
                    number,
                    "exceptions",
                    f"{key[0]} does not break {key[1]} any more: take the line out",
                )
            )
    return count, findings


def main():
    parser = argparse.ArgumentParser(description="Checks the style that the compiler does not.")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    arguments = parser.parse_args()
    exceptions = Path(__file__).with_name("exceptions.txt")
    count, findings = check_tree(arguments.root, exceptions.read_text(encoding="utf-8"))
    if count == 0:
        print(f"There are no sources below {arguments.root}", file=sys.stderr)
        return 2
    for finding in findings:
        print(finding)
    print(f"{count} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
