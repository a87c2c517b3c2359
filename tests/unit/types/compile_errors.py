#!/usr/bin/env python3
"""Mistakes in user programs that must not compile, and what the compiler must say: compile_errors.py <compiler> <include folder>"""

import subprocess
import sys

CASES = {
    "a field that cannot be serialized is named": ("""
        #include <functional>
        #include "weir/types/serializer.h"
        struct Order { int id; std::function<void()> on_paid; };
        std::string Bytes(const Order& order) { return weir::EncodeToString(order); }
        """, ["this field of a record cannot be serialized", "CheckedField<Order", "std::function<void"]),
    "a value that cannot be serialized": ("""
        #include "weir/types/serializer.h"
        std::string Bytes(int* pointer) { return weir::EncodeToString(pointer); }
        """, ["weir: this type cannot be serialized"]),
    "too many fields": ("""
        #include "weir/types/reflect.h"
        #define TEN(p) int p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9;
        struct Wider { TEN(a) TEN(b) TEN(c) TEN(d) TEN(e) TEN(f) TEN(g) };
        std::string_view name = weir::FieldNames<Wider>()[0];
        """, ["weir: a record has at most 64 fields"]),
    "an unordered container inside a key": ("""
        #include <unordered_map>
        #include "weir/types/key.h"
        uint64_t Hash(const std::pair<int, std::unordered_map<int, int>>& key) {
          return weir::KeyTraits<std::pair<int, std::unordered_map<int, int>>>::Hash(key);
        }
        """, ["weir: unordered containers are no keys"]),
    "a field that WEIR_RECORD forgets": ("""
        #include "weir/types/record.h"
        struct Flight { int id; int delay; };
        WEIR_RECORD(Flight, (id, 1));
        uint32_t id = weir::FieldIds<Flight>()[0];
        """, ["WEIR_RECORD must list every field"]),
    "an id that is used twice": ("""
        #include "weir/types/record.h"
        struct Flight { int id; int delay; };
        WEIR_RECORD(Flight, (id, 1), (delay, 1));
        uint32_t id = weir::FieldIds<Flight>()[0];
        """, ["two fields of this record have the same id"]),
    "a record that cannot be default-constructed": ("""
        #include "weir/types/batch_type.h"
        struct Row { int& reference; };
        const weir::BatchType& type = weir::BatchTypeOf<Row>();
        """, ["a record must have a default constructor"]),
    "a set of views in a record": ("""
        #include <set>
        #include "weir/types/batch_type.h"
        struct Row { std::set<std::string_view> names; };
        const weir::BatchType& type = weir::BatchTypeOf<Row>();
        """, ["sets and maps in records must own their keys and values"]),
    "a view in an asynchronous request": ("""
        #include "weir/weir.h"
        struct Flight { int id; std::string_view origin; };
        struct Ask : weir::AsyncFunction<Flight, std::string> {
          void AsyncInvoke(const Flight&, weir::ResultFuture<std::string>) {}
        };
        void Build(weir::DataStream<Flight> flights) { flights.AsyncMap<Ask>(); }
        """, ["weir: a request outlives the batch", "use std::string"]),
    "a view in an asynchronous answer": ("""
        #include "weir/weir.h"
        struct Ask : weir::AsyncFunction<int, std::string_view> {
          void AsyncInvoke(int, weir::ResultFuture<std::string_view>) {}
        };
        void Build(weir::DataStream<int> numbers) { numbers.AsyncMap<Ask>(); }
        """, ["weir: an answer comes from another thread", "use std::string"]),
    "an asynchronous function without its method": ("""
        #include "weir/weir.h"
        struct Ask : weir::AsyncFunction<int, int> { void Invoke(int, weir::ResultFuture<int>) {} };
        void Build(weir::DataStream<int> numbers) { numbers.AsyncMap<Ask>(); }
        """, ["weir: an asynchronous function needs a method void AsyncInvoke"]),
}


def main():
    compiler, include = sys.argv[1:]
    command = [compiler, "-std=c++20", "-fsyntax-only", "-I", include, "-x", "c++", "-"]
    failures = 0
    for name, (source, expected) in CASES.items():
        result = subprocess.run(command, input=source, capture_output=True, text=True)
        missing = [text for text in expected if text not in result.stderr]
        if result.returncode == 0 or missing:
            failures += 1
            print(f"{name}: " + ("it compiles" if result.returncode == 0 else f"the compiler does not say {missing}:"))
            print(result.stderr[:3000])
    print(f"{len(CASES) - failures} of {len(CASES)} mistakes are refused with the right words")
    sys.exit(failures > 0)


main()
