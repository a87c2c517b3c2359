// `weir-state`: its command line and its exit codes.
//
//   weir-state ls <savepoint> [--format table|csv|json]
//   weir-state dump <savepoint> [--operator <uid, name or id>] [--state <name>] [--key <key>] [--format json|csv]
//   weir-state diff <before> <after> [--operator ...] [--state ...] [--key ...] [--format json|csv]
//
// A savepoint is a folder with a `_metadata` in it; a checkpoint will do.
#pragma once

#include <string>
#include <vector>

#include "weir/base/file/file_system.h"
#include "weir/state/inspection/state_inspection.h"

namespace weir {

inline constexpr int kStateDone = 0;      // diff: nothing differs
inline constexpr int kStateFailed = 1;    // a snapshot cannot be read, or has no such operator or state
inline constexpr int kStateBadUsage = 2;  // the command line is wrong
inline constexpr int kStateDiffers = 3;   // diff: something does

// `arguments`: what comes after "state". Results go to `out`, an error to `error`; returns the exit code. `program`: as which it was called.
int RunStateCommand(FileSystem& files, const std::vector<std::string>& arguments, TextSink out, TextSink error,
                    const std::string& program = "weir-state");

}  // namespace weir
