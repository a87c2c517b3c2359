"""Each check of tools/ finds the mistake it is there for, and passes a tree without it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parents[2] / "tools"
sys.dont_write_bytecode = True


class Tree(unittest.TestCase):
    """A small project in a temporary folder, without git."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        self.write("tools/layers.txt", "base:\ntypes: base\n<zstd.h: base\n<xxhash.h in headers: types\n")
        self.write("tools/size_excuses.txt", "# none\n")
        self.write("src/base/CMakeLists.txt", "weir_library(base HEADERS a.h SOURCES a.cc)\n")
        self.write("src/base/README.md", "Base.\n")
        self.write("src/base/a.h", "#pragma once\n#include <string>\n")
        self.write("src/base/a.cc", '#include "weir/base/a.h"\n')
        (self.root / "include").mkdir()
        (self.root / "include/weir").symlink_to("../src")

    def tearDown(self):
        self.folder.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_check(self, check, *arguments):
        result = subprocess.run([sys.executable, "-B", str(TOOLS / f"{check}.py"), "--root", str(self.root), *arguments],
                                capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return result.returncode, result.stdout + result.stderr

    def passes(self, check):
        code, output = self.run_check(check)
        self.assertEqual(code, 0, output)

    def fails(self, check, *expected):
        code, output = self.run_check(check)
        self.assertEqual(code, 1, output)
        for part in expected:
            self.assertIn(part, output)


class CheckLayers(Tree):
    def test_passes_a_clean_tree(self):
        self.passes("check_layers")

    def test_finds_an_include_that_goes_up(self):
        self.write("src/types/b.h", "#pragma once\n")
        self.write("src/base/a.cc", '#include "weir/base/a.h"\n#include "weir/types/b.h"\n')
        self.fails("check_layers", "src/base/a.cc:2", "base may not include weir/types/b.h")

    def test_finds_a_header_of_another_owner(self):
        self.write("src/types/b.cc", "#include <zstd.h>\n")
        self.fails("check_layers", "src/types/b.cc:1", "only base may include zstd.h")

    def test_finds_a_third_party_header_in_a_header(self):
        self.write("src/base/a.h", "#include <zstd.h>\n")
        self.fails("check_layers", "src/base/a.h:1", "belongs in .cc files")

    def test_finds_what_user_programs_must_not_see(self):
        self.write("tools/layers.txt", "base:\nweir.h: base\n")
        self.write("src/weir.h", '#include "weir/base/a.h"\n')
        self.write("src/base/a.h", "#include <boost/any.hpp>\n#include <iostream>\n")
        self.fails("check_layers", "src/base/a.h:1", "src/base/a.h:2", "expensive to compile")

    def test_finds_a_line_of_the_table_that_names_a_folder_below_it(self):
        self.write("tools/layers.txt", "base: types\ntypes: base\n")
        self.fails("check_layers", "tools/layers.txt:1", "stands below")

    def test_finds_and_fixes_depends(self):
        self.write("src/types/CMakeLists.txt", "weir_library(types SOURCES b.cc\n  LIBRARIES fmt::fmt)\n")
        self.write("src/types/b.cc", '#include "weir/base/a.h"\n')
        self.fails("check_layers", "src/types/CMakeLists.txt:1", "DEPENDS lacks base")
        self.run_check("check_layers", "--fix")
        self.passes("check_layers")
        self.assertIn("LIBRARIES fmt::fmt", (self.root / "src/types/CMakeLists.txt").read_text())


class CheckRegistered(Tree):
    def test_passes_a_clean_tree(self):
        self.passes("check_registered")

    def test_finds_a_test_that_no_target_builds(self):
        self.write("tests/unit/base/a_test.cc", "")
        self.fails("check_registered", "tests/unit/base/a_test.cc:1", "weir_test")

    def test_finds_a_header_that_is_only_named_in_a_comment(self):
        self.write("src/base/b.h", "")
        self.write("src/base/CMakeLists.txt", "# b.h\nweir_library(base HEADERS a.h SOURCES a.cc)\n")
        self.fails("check_registered", "src/base/b.h:1")

    def test_a_header_of_a_benchmark_belongs_to_the_program_that_includes_it(self):
        self.write("benchmarks/job.h", "")
        self.write("benchmarks/CMakeLists.txt", "weir_benchmark(a)\n")
        self.write("benchmarks/a.cc", "")
        self.fails("check_registered", "benchmarks/job.h:1")
        self.write("benchmarks/a.cc", '#include "job.h"\n')
        self.passes("check_registered")

    def test_finds_a_python_test_or_a_case_of_one_that_is_never_run(self):
        self.write("tests/e2e/a_test.py", "class One(Base):\n    def test_a(self):\n        pass\n")
        self.fails("check_registered", "tests/e2e/a_test.py:1", "no CMakeLists.txt names this test")
        self.write("tests/e2e/CMakeLists.txt", "weir_command_test(a COMMAND tests/e2e/a_test.py)\n")
        self.passes("check_registered")
        self.write("tests/e2e/CMakeLists.txt", "foreach(case Two)\n  weir_command_test(a COMMAND tests/e2e/a_test.py ${case})\nendforeach()\n")
        self.fails("check_registered", "tests/e2e/a_test.py:1", "One is none of the cases")

    def test_finds_a_golden_case_that_no_test_names(self):
        self.write("tests/golden/rows.csv", "1\n")
        self.fails("check_registered", "tests/golden/rows.csv")


class CheckSizes(Tree):
    def test_passes_a_clean_tree(self):
        self.passes("check_sizes")

    def test_finds_a_long_file_and_accepts_an_excuse(self):
        self.write("src/base/a.cc", "\n" * 501)
        self.fails("check_sizes", "src/base/a.cc:1: 501 lines")
        self.write("tools/size_excuses.txt", "src/base/a.cc: a table\n")
        self.passes("check_sizes")

    def test_finds_an_excuse_that_is_not_needed(self):
        self.write("tools/size_excuses.txt", "src/base/a.cc: was long once\n")
        self.fails("check_sizes", "tools/size_excuses.txt:1", "needs no excuse")

    def test_finds_a_long_function_but_not_a_long_class(self):
        self.write("src/base/a.cc", "class A {\n" + "  int Get() { return 1; }\n" * 70 + "};\n")
        self.passes("check_sizes")
        self.write("src/base/a.cc", "namespace weir {\nint F(int a) const {\n" + "  // '{\n  f({1});\n" * 31 + "}\n}\n")
        self.fails("check_sizes", "src/base/a.cc:2: function of 64 lines")

    def test_finds_a_long_function_of_a_tool(self):
        self.write("tools/a.py", "def f():\n" + "    g()\n" * 61)
        self.fails("check_sizes", "tools/a.py:1")


class CheckDocs(Tree):
    def test_passes_links_that_lead_somewhere(self):
        self.write("README.md", "[a](src/base/a.h) [b](https://example.org) [c](#top) `[d](none)`\n")
        self.passes("check_docs")

    def test_finds_a_broken_link(self):
        self.write("README.md", "\n[a](docs/none.md#x)\n")
        self.fails("check_docs", "README.md:2", "docs/none.md")

    def test_finds_a_folder_without_readme_and_one_that_says_too_much(self):
        (self.root / "src/base/README.md").unlink()
        self.fails("check_docs", "src/base/README.md:1: missing")
        self.write("src/base/README.md", "x\n" * 41)
        self.fails("check_docs", "at most 40 lines")


    def test_accepts_a_sub_folder_that_its_layer_describes(self):
        self.write("src/base/files/CMakeLists.txt", "weir_library(base_files)\n")
        self.fails("check_docs", "src/base/files/README.md:1: missing")
        self.write("src/base/README.md", "`files/` reads and writes.\n")
        self.passes("check_docs")


class CheckLeaks(Tree):
    def test_passes_ordinary_paths_and_addresses(self):
        self.write("README.md", "build/x /tmp/x http://localhost:8081/ https://example.org/home/x /etc/hosts\n")
        self.passes("check_leaks")

    def test_finds_a_path_of_one_machine(self):
        self.write("a.sh", "cd /ho" + "me/alice/weir\n")
        self.fails("check_leaks", "a.sh:1")

    def test_finds_the_address_of_a_registry(self):
        self.write("a.json", "\n\"https://npm-regi" + "stry.example.org/x\"\n")
        self.fails("check_leaks", "a.json:2")


class CheckHeaders(Tree):
    def test_passes_a_clean_tree_and_remembers_it(self):
        self.write("src/base/b.h", "#pragma once\n#include <string>\nstd::string B();\n")
        self.passes("check_headers")
        self.assertIn("0 compiled now", self.run_check("check_headers")[1])

    def test_finds_a_header_that_lacks_an_include(self):
        self.write("src/base/b.h", "std::string B();\n")
        self.fails("check_headers", "src/base/b.h:1", "does not compile alone")
        self.fails("check_headers", "src/base/b.h:1")  # a failure is not remembered as a success

    def test_finds_a_source_that_does_not_include_its_header_first(self):
        self.write("src/base/a.cc", '#include <string>\n#include "weir/base/a.h"\n')
        self.fails("check_headers", "src/base/a.cc:1", "first")


class CheckFormat(Tree):
    def test_finds_and_fixes_bad_format(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.passes("check_format")
        self.write("src/base/a.cc", "int   a ;\n")
        self.fails("check_format", "src/base/a.cc:1")
        self.run_check("check_format", "--fix")
        self.passes("check_format")


class CheckTidy(Tree):
    def test_says_so_without_a_build(self):
        self.assertIn("no build is configured", self.run_check("check_tidy")[1])

    def test_says_so_without_a_commit_to_compare_with(self):
        self.write("build/debug/compile_commands.json", "[]")
        code, output = self.run_check("check_tidy")
        self.assertEqual(code, 0, output)
        self.assertIn("no base commit", output)


class CompareRows(Tree):
    def compare(self, *arguments):
        result = subprocess.run([sys.executable, "-B", str(TOOLS / "compare_rows.py"), str(self.root / "out"),
                                 str(self.root / "answer.csv"), *arguments], capture_output=True, text=True)
        return result.returncode, result.stdout + result.stderr

    def setUp(self):
        super().setUp()
        self.write("answer.csv", "word,count\na,1\n\"b, c\",2\n")

    def test_passes_the_same_rows_in_any_order_and_any_quoting(self):
        self.write("out/part-0", "\"b, c\",2\n")
        self.write("out/part-1", "\"a\",1\n")
        self.assertEqual(self.compare()[0], 0)

    def test_takes_the_last_row_of_each_key_of_running_results(self):
        self.write("out/part-0", "\"b, c\",1\na,1\n\"b, c\",2\n")
        self.assertEqual(self.compare()[0], 1)
        self.assertEqual(self.compare("--last-per-key", "1")[0], 0)

    def test_names_missing_and_unexpected_rows_and_unfinished_files(self):
        self.write("out/part-0", "a,1\na,1\n")
        self.write("out/.part-1.inprogress", "")
        code, output = self.compare()
        self.assertEqual(code, 1)
        for part in ("missing 1 x b, c,2", "unexpected 1 x a,1", "unfinished"):
            self.assertIn(part, output)


if __name__ == "__main__":
    unittest.main()
