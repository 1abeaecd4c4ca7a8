"""Each rule of tidy.py finds what it is for, and leaves alone what only looks like it."""

import tempfile
import unittest
from pathlib import Path

import tidy

HEAD = "// What this is.\n#pragma once\n"


def rules_of(path, text, other_half=""):
    return [finding.rule for finding in tidy.check(path, text, other_half)]


def header(module, body, includes=""):
    return f"{HEAD}{includes}namespace ottla::{module} {{\n{body}\n}}\n"


class Arrows(unittest.TestCase):
    def test_an_arrow_that_the_architecture_names_is_fine(self):
        text = header(
            "storage", "", '#include "engine/env/disk.h"\n#include "engine/base/bytes.h"\n'
        )
        self.assertEqual(rules_of("engine/storage/log.h", text), [])

    def test_an_arrow_the_other_way_is_found(self):
        text = header("storage", "", '#include "engine/broker/broker_node.h"\n')
        self.assertEqual(rules_of("engine/storage/log.h", text), ["arrows"])

    def test_an_arrow_is_not_transitive(self):
        text = header("gateway", "", '#include "engine/world/world.h"\n')
        self.assertEqual(rules_of("engine/gateway/a.h", text), ["arrows"])

    def test_the_window_sees_the_engine_by_observe_alone(self):
        good = '#include "engine/observe/snapshot.h"\n'
        bad = '#include "engine/runtime/pacer.h"\n'
        self.assertEqual(rules_of("ui/views/a.cpp", good), [])
        self.assertEqual(rules_of("ui/views/a.cpp", bad), ["arrows"])

    def test_models_may_not_include_views(self):
        self.assertEqual(rules_of("ui/models/a.cpp", '#include "ui/views/a.h"\n'), ["arrows"])

    def test_the_programs_and_the_tests_include_anything(self):
        text = '#include "engine/world/world.h"\n#include "ui/views/a.h"\n'
        self.assertEqual(rules_of("app/desktop/main.cpp", text), [])
        self.assertEqual(rules_of("tests/support/a.cpp", text), [])

    def test_the_engine_may_not_include_a_test(self):
        self.assertEqual(
            rules_of("engine/raft/a.cpp", '#include "tests/support/a.h"\n'), ["arrows"]
        )

    def test_a_module_that_nobody_planned_is_found(self):
        self.assertEqual(rules_of("engine/util/a.cpp", ""), ["arrows"])

    def test_qt_is_not_for_the_engine(self):
        for name in ("QString", "QtCore/QString", "qglobal.h"):
            self.assertEqual(rules_of("engine/storage/a.cpp", f"#include <{name}>\n"), ["no-qt"])
        self.assertEqual(rules_of("engine/storage/a.cpp", "#include <queue>\n"), [])
        self.assertEqual(rules_of("ui/views/a.cpp", "#include <QString>\n"), [])

    def test_sockets_are_for_the_gateway(self):
        text = "#include <boost/asio/ip/tcp.hpp>\n"
        self.assertEqual(rules_of("engine/world/a.cpp", text), ["sockets"])
        self.assertEqual(rules_of("ui/feed/a.cpp", text), ["sockets"])
        self.assertEqual(rules_of("engine/gateway/a.cpp", text), [])

    def test_includes_are_paths_from_the_root(self):
        self.assertEqual(rules_of("engine/storage/a.cpp", '#include "log.h"\n'), ["include-style"])
        self.assertEqual(
            rules_of("engine/storage/a.cpp", "#include <engine/base/bytes.h>\n"), ["include-style"]
        )
        self.assertEqual(rules_of("tests/ui/a_test.cpp", '#include "a_test.moc"\n'), [])


class Determinism(unittest.TestCase):
    def test_each_forbidden_thing_is_found(self):
        for code in (
            "auto t = std::chrono::steady_clock::now();",
            "std::random_device d;",
            "std::uniform_int_distribution<int> d(0, 1);",
            "std::thread t;",
            "std::mutex m;",
            "std::lock_guard<M> l(m);",
            "auto f = std::async(g);",
            "auto t = time(nullptr);",
            "auto t = std::time(0);",
            "int r = rand();",
            "std::mt19937 g;",
        ):
            self.assertEqual(rules_of("engine/broker/a.cpp", code + "\n"), ["deterministic"], code)

    def test_what_only_reads_alike_is_fine(self):
        for code in (
            "on_time();",
            "clock.time();",
            "Instant time(Instant now);",
            "std::chrono::milliseconds x;",
            "// not std::thread",
            'auto s = "std::mutex";',
            "strand();",
        ):
            self.assertEqual(rules_of("engine/broker/a.cpp", code + "\n"), [], code)

    def test_the_runtime_may_have_threads(self):
        self.assertEqual(rules_of("engine/runtime/a.cpp", "std::thread t;\n"), [])

    def test_walking_an_unordered_container_is_found(self):
        declared = "std::unordered_map<std::string, std::vector<int>> by_name_;\n"
        for walk in (
            "for (auto& [k, v] : by_name_) f(k);",
            "auto at = by_name_.begin();",
            "for (const auto& x : self.by_name_) f(x);",
        ):
            self.assertEqual(
                rules_of("engine/client/a.cpp", declared + walk + "\n"), ["unordered"], walk
            )

    def test_a_member_that_the_header_declares_is_known_in_the_source(self):
        declared = "std::unordered_set<int> seen_;\n"
        self.assertEqual(
            rules_of("engine/client/a.cpp", "for (int x : seen_) f(x);\n", declared), ["unordered"]
        )

    def test_looking_up_is_fine(self):
        code = (
            "std::unordered_map<int, int> m_;\nauto at = m_.find(1);\nint x = c ? a : (m_.at(1));\n"
        )
        self.assertEqual(rules_of("engine/client/a.cpp", code), [])
        self.assertEqual(
            rules_of("engine/gateway/a.cpp", "std::unordered_map<int, int> m;\nm.begin();\n"), []
        )


class Sizes(unittest.TestCase):
    def test_a_long_header_and_a_long_source_are_found(self):
        self.assertEqual(rules_of("ui/views/a.h", HEAD + "\n" * 199), ["file-size"])
        self.assertEqual(rules_of("ui/views/a.h", HEAD + "\n" * 198), [])
        self.assertEqual(rules_of("ui/views/a.cpp", "\n" * 501), ["file-size"])
        self.assertEqual(rules_of("ui/views/a.cpp", "\n" * 500), [])

    def test_a_long_line_is_found_at_its_place(self):
        found = tidy.check("ui/views/a.cpp", "int a;\n// " + "x" * 98 + "\n")
        self.assertEqual([(f.rule, f.line) for f in found], [("line-length", 2)])
        self.assertEqual(rules_of("ui/views/a.cpp", "// " + "ü" * 97 + "\n"), [])

    def test_a_long_function_is_found_at_its_head(self):
        body = "  f();\n" * 70
        text = "int before;\n\nvoid Log::roll(int at) const {\n" + body + "}\n"
        found = tidy.check("engine/storage/a.cpp", text)
        self.assertEqual([(f.rule, f.line) for f in found], [("function-size", 3)])

    def test_a_function_of_seventy_lines_is_fine(self):
        self.assertEqual(rules_of("ui/views/a.cpp", "void f() {\n" + "  g();\n" * 68 + "}\n"), [])

    def test_a_long_class_or_table_is_not_a_function(self):
        for opening in (
            "class A : public B<int> {\n",
            "namespace ottla {\n",
            "const Table table = {\n",
            "enum class E : int {\n",
        ):
            self.assertEqual(
                rules_of("ui/views/a.cpp", opening + "  int a;\n" * 90 + "};\n"), [], opening
            )

    def test_functions_inside_a_class_are_measured(self):
        text = "class A {\n  void f() {\n" + "    g();\n" * 80 + "  }\n};\n"
        self.assertEqual(rules_of("ui/views/a.cpp", text), ["function-size"])

    def test_braces_in_literals_and_a_constructors_initialisers_do_not_mislead(self):
        text = "A::A(int x) : x_{x}, y_{1} {\n" + "  g('{', \"{{\");\n" * 75 + "}\nvoid f() {\n}\n"
        self.assertEqual(rules_of("ui/views/a.cpp", text), ["function-size"])


class Form(unittest.TestCase):
    def test_a_header_says_what_it_is(self):
        self.assertEqual(rules_of("ui/views/a.h", "#pragma once\n"), ["header-comment"])
        self.assertEqual(rules_of("ui/views/a.h", "// A thing.\n"), ["header-comment"])

    def test_a_module_keeps_to_its_namespace(self):
        self.assertEqual(rules_of("engine/raft/a.h", header("raft", "")), [])
        self.assertEqual(rules_of("engine/raft/a.h", header("storage", "")), ["namespace"])
        self.assertEqual(rules_of("engine/base/a.h", HEAD + "namespace ottla {\n}\n"), [])
        self.assertEqual(rules_of("engine/raft/a.h", header("raft", "namespace inner {\n}")), [])
        self.assertEqual(rules_of("engine/gateway/a.cpp", "namespace asio = boost::asio;\n"), [])

    def test_using_namespace_in_a_header_is_found(self):
        self.assertEqual(
            rules_of("engine/raft/a.h", header("raft", "using namespace std;")), ["namespace"]
        )

    def test_what_is_not_finished_is_found(self):
        self.assertEqual(rules_of("ui/views/a.cpp", "// TO" + "DO: later\n"), ["unfinished"])


class Exceptions(unittest.TestCase):
    def tree(self, files, exceptions=""):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            count, findings = tidy.check_tree(Path(folder), exceptions)
            return count, [(f.path, f.rule) for f in findings]

    def test_an_exception_covers_its_file_and_rule_alone(self):
        files = {"ui/views/a.cpp": "\n" * 501, "ui/views/b.cpp": "\n" * 501}
        line = "ui/views/a.cpp file-size A table that reads best whole.\n"
        self.assertEqual(self.tree(files, line), (2, [("ui/views/b.cpp", "file-size")]))

    def test_an_exception_needs_a_reason(self):
        found = self.tree({"ui/views/a.cpp": ""}, "ui/views/a.cpp file-size\n")[1]
        self.assertEqual(found, [("tests/tidy/exceptions.txt", "exceptions")])

    def test_an_exception_that_nothing_needs_is_found(self):
        found = self.tree({"ui/views/a.cpp": ""}, "ui/views/a.cpp file-size It was long.\n")[1]
        self.assertEqual(found, [("tests/tidy/exceptions.txt", "exceptions")])

    def test_a_source_is_read_with_its_header(self):
        files = {
            "engine/raft/a.h": header("raft", "std::unordered_set<int> s_;"),
            "engine/raft/a.cpp": "void f() {\n  for (int x : s_) g(x);\n}\n",
        }
        self.assertEqual(self.tree(files)[1], [("engine/raft/a.cpp", "unordered")])


if __name__ == "__main__":
    unittest.main()
