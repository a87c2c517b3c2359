#include "weir/metrics/process_metrics.h"

#include "weir/base/execution/thread.h"
#include "weir/base/file/process.h"

namespace weir {
namespace {

// Status.JVM: what Flink's dashboards look for. The process is what its JVM is there.
MetricGroup& JvmOf(MetricGroup& group) { return group.GetGroup("Status").GetGroup("JVM"); }
MetricGroup& ProcessOf(MetricGroup& group) { return group.GetGroup("Status").GetGroup("Process"); }

}  // namespace

ProcessMetrics::ProcessMetrics(MetricGroup& group)
    : cpu_time_(JvmOf(group).GetGroup("CPU").GetGauge("Time")),
      load_millis_(ProcessOf(group).GetGroup("CPU").GetGauge("UsageMillis")),
      demand_millis_(ProcessOf(group).GetGroup("CPU").GetGauge("DemandMillis")),
      threads_(JvmOf(group).GetGroup("Threads").GetGauge("Count")),
      resident_(ProcessOf(group).GetGroup("Memory").GetGauge("Resident")),
      virtual_(ProcessOf(group).GetGroup("Memory").GetGauge("Virtual")),
      open_files_(ProcessOf(group).GetGroup("FileDescriptors").GetGauge("Open")),
      most_open_files_(ProcessOf(group).GetGroup("FileDescriptors").GetGauge("Max")) {
  const int cores = AvailableCpus();
  // As Flink: the share of the whole machine.
  JvmOf(group).GetGroup("CPU").AddGauge(
      "Load", [this, cores] { return static_cast<double>(load_millis_.Value().integer()) / 1000 / cores; });
}

void ProcessMetrics::Refresh(int64_t now_nanos) {
  const ProcessUsage usage = CurrentProcessUsage();
  const DescriptorUsage descriptors = CurrentDescriptorUsage();
  cpu_time_.Set(usage.cpu_nanos);
  if (last_nanos_ != 0 && now_nanos > last_nanos_) {
    load_millis_.Set((usage.cpu_nanos - last_cpu_nanos_) * 1000 / (now_nanos - last_nanos_));
  }
  const int64_t demand = CpuDemandNanos();
  // Threads that have ended take theirs with them.
  if (last_nanos_ != 0 && now_nanos > last_nanos_ && demand >= last_demand_nanos_) {
    demand_millis_.Set((demand - last_demand_nanos_) * 1000 / (now_nanos - last_nanos_));
  }
  last_demand_nanos_ = demand;
  last_nanos_ = now_nanos;
  last_cpu_nanos_ = usage.cpu_nanos;
  threads_.Set(usage.threads);
  resident_.Set(static_cast<int64_t>(usage.resident_bytes));
  virtual_.Set(static_cast<int64_t>(usage.virtual_bytes));
  open_files_.Set(descriptors.open);
  most_open_files_.Set(descriptors.most);
}

}  // namespace weir
