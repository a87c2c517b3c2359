// Everything a test of a user's functions needs: #include "weir/testing.h". Of no test framework: calls return values and Status.
#pragma once

#include "weir/base/execution/simulated_executor.h"
#include "weir/client/embedded_cluster.h"
#include "weir/testing/harness_of.h"
#include "weir/testing/interleaved_harness.h"
#include "weir/testing/operator_check.h"
#include "weir/testing/operator_harness.h"
#include "weir/testing/stream_element.h"
#include "weir/testing/task_harness.h"
