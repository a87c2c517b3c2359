// Answers of the REST API, as far as the pages read them. Names are Flink's.

export interface DashboardConfig {
  'refresh-interval': number;
  'flink-version': string;
  'flink-revision': string;
  features: { 'web-submit': boolean; 'web-cancel': boolean; 'web-rescale'?: boolean; 'web-history': boolean };
}

export interface ClusterOverview {
  taskmanagers: number;
  'taskmanagers-blocked'?: number;
  'slots-total': number;
  'slots-available': number;
  'jobs-running': number;
  'jobs-finished': number;
  'jobs-cancelled': number;
  'jobs-failed': number;
}

export type TaskCounts = Record<string, number>;

export interface JobSummary {
  jid: string;
  name: string;
  state: string;
  'start-time': number;
  'end-time': number;
  duration: number;
  'last-modification': number;
  tasks: TaskCounts;
}

export interface IoMetrics {
  'read-bytes': number;
  'write-bytes': number;
  'read-records': number;
  'write-records': number;
  'accumulated-backpressured-time'?: number;
  'accumulated-idle-time'?: number;
  'accumulated-busy-time'?: number;
}

export interface JobVertex {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  status: string;
  'start-time': number;
  'end-time': number;
  duration: number;
  tasks: TaskCounts;
  metrics: IoMetrics;
}

export interface PlanInput {
  num?: number;
  id: string;
  ship_strategy: string;
}

export interface PlanNode {
  id: string;
  parallelism: number;
  description: string;
  operators?: string[];
  inputs?: PlanInput[];
}

export interface Plan {
  jid?: string;
  name?: string;
  nodes: PlanNode[];
}

export interface JobDetail {
  jid: string;
  name: string;
  isStoppable?: boolean;
  state: string;
  'job-type'?: string;
  'start-time': number;
  'end-time': number;
  duration: number;
  now: number;
  timestamps: Record<string, number>;
  vertices: JobVertex[];
  'status-counts': TaskCounts;
  plan: Plan;
}

export interface Subtask {
  subtask: number;
  status: string;
  attempt: number;
  endpoint: string;
  'start-time': number;
  'end-time': number;
  duration: number;
  metrics: IoMetrics;
  'taskmanager-id': string;
  'status-duration'?: Record<string, number>;
  'other-concurrent-attempts'?: Subtask[];
}

export interface VertexDetail {
  id: string;
  name: string;
  parallelism: number;
  maxParallelism: number;
  now: number;
  subtasks: Subtask[];
}

export interface VertexTaskManager {
  endpoint: string;
  'taskmanager-id': string;
  status: string;
  'start-time': number;
  'end-time': number;
  duration: number;
  metrics: IoMetrics;
  'status-counts': TaskCounts;
}

export interface Metric {
  id: string;
  value?: string;
}

export interface AggregatedMetric {
  id: string;
  min?: number;
  max?: number;
  avg?: number;
  sum?: number;
  skew?: number;
}

export interface Accumulator {
  name: string;
  type: string;
  value: string;
}

export interface SubtaskAccumulators {
  subtask: number;
  attempt: number;
  endpoint: string;
  'user-accumulators': Accumulator[];
}

export interface BackPressure {
  status: string;
  'backpressure-level'?: string;
  subtasks?: {
    subtask: number;
    'backpressure-level': string;
    ratio: number;
    idleRatio?: number;
    busyRatio?: number;
  }[];
}

export interface SubtaskTimes {
  now: number;
  subtasks: { subtask: number; endpoint: string; duration: number; timestamps: Record<string, number> }[];
}

export interface JobException {
  exceptionName: string;
  stacktrace: string;
  timestamp: number;
  taskName: string | null;
  endpoint: string | null;
  taskManagerId: string | null;
  failureLabels?: Record<string, string>;
  concurrentExceptions?: JobException[];
}

export interface JobExceptions {
  exceptionHistory: { entries: JobException[]; truncated: boolean };
}

export interface JobConfig {
  'execution-config': {
    'execution-mode'?: string;
    'restart-strategy': string;
    'job-parallelism': number;
    'object-reuse-mode': boolean;
    'user-config': Record<string, string>;
  };
}

export interface ConfigEntry {
  key: string;
  value: string;
}

export interface Verdict {
  kind: string;
  severity: 'ok' | 'info' | 'warning' | 'error';
  summary: string;
  advice?: string;
  'vertex-id'?: string | null;
  subtask?: number | null;
  evidence?: { name: string; value: string }[];
}

export interface Diagnosis {
  timestamp: number;
  verdicts: Verdict[];
}

export interface CheckpointNumbers {
  num_subtasks: number;
  num_acknowledged_subtasks: number;
  checkpointed_size: number;
  state_size: number;
  end_to_end_duration: number;
  processed_data: number;
  persisted_data: number;
}

export interface Checkpoint extends CheckpointNumbers {
  id: number;
  status: string;
  is_savepoint: boolean;
  checkpoint_type?: string;
  trigger_timestamp: number;
  latest_ack_timestamp: number;
  external_path?: string;
  discarded?: boolean;
  failure_timestamp?: number;
  failure_message?: string;
  tasks?: Record<string, CheckpointTask>;
}

export interface CheckpointTask extends CheckpointNumbers {
  id: string;
  status: string;
  latest_ack_timestamp: number;
}

export type Spread = Record<'min' | 'max' | 'avg', number> &
  Partial<Record<'p50' | 'p90' | 'p95' | 'p99' | 'p999', number>>;

export interface CheckpointStatistics {
  counts: { restored: number; total: number; in_progress: number; completed: number; failed: number };
  summary: Record<string, Spread>;
  latest: {
    completed?: Checkpoint | null;
    savepoint?: Checkpoint | null;
    failed?: Checkpoint | null;
    restored?: { id: number; restore_timestamp: number; is_savepoint: boolean; external_path?: string } | null;
  };
  history: Checkpoint[];
}

export interface CheckpointSubtask {
  index: number;
  status: string;
  ack_timestamp?: number;
  end_to_end_duration?: number;
  checkpointed_size?: number;
  state_size?: number;
  checkpoint?: { sync: number; async: number; unaligned_checkpoint?: boolean };
  alignment?: { buffered?: number; processed: number; persisted: number; duration: number };
  start_delay?: number;
  unaligned_checkpoint?: boolean;
}

export interface CheckpointTaskDetail {
  subtasks: CheckpointSubtask[];
  summary?: Record<string, unknown>;
}

export interface CheckpointConfig {
  mode: string;
  interval: number;
  timeout: number;
  min_pause: number;
  max_concurrent: number;
  externalization?: { enabled: boolean; delete_on_cancellation: boolean };
  state_backend?: string;
  checkpoint_storage?: string;
  unaligned_checkpoints?: boolean;
  tolerable_failed_checkpoints?: number;
  aligned_checkpoint_timeout?: number;
  checkpoints_after_tasks_finish?: boolean;
  [more: string]: unknown;
}

export interface TaskManager {
  id: string;
  path: string;
  dataPort: number;
  timeSinceLastHeartbeat: number;
  slotsNumber: number;
  freeSlots: number;
  assignedTasks?: number;
  blocked?: boolean;
  hardware: { cpuCores: number; physicalMemory: number; freeMemory: number; managedMemory: number };
  memoryConfiguration: Record<string, number | null>;
  allocatedSlots?: { jobId: string; assignedTasks?: number; resource: { cpuCores: number; managedMemory: number } }[];
}

export interface LogFile {
  name: string;
  size: number;
  mtime?: number;
}

export interface ThreadDump {
  threadInfos: { threadName: string; stringifiedThreadInfo: string }[];
}

export interface Environment {
  jvm: { version: string; arch: string; options: string[] };
  classpath?: string[];
}

export interface Jar {
  id: string;
  name: string;
  uploaded: number;
  entry: { name: string; description: string | null }[];
}

interface Throwable {
  class: string;
  'stack-trace': string;
}

export interface AsyncResult {
  status: { id: string };
  operation: {
    location?: string;
    checkpointId?: number;
    'failure-cause'?: Throwable;
    // Flink's other name for the same, of checkpoints.
    failureCause?: Throwable;
  } | null;
}
