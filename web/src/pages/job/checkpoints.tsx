// Checkpoints of a job: overview, history, summary, configuration.

import { usePoll } from '../../api/poll';
import type { Checkpoint, CheckpointConfig, CheckpointStatistics, JobDetail, Spread } from '../../api/types';
import { Ago, Empty, Facts, Loaded, Panel, StateBadge, Time } from '../../components/basics';
import { Table } from '../../components/table';
import { Tabs } from '../../components/tabs';
import * as format from '../../format';
import { hasEnded } from '../../states';
import { takeCheckpoint } from './actions';
import { CheckpointHistory } from './checkpoint_history';

const PARTS: [string, string][] = [
  ['overview', 'Overview'],
  ['history', 'History'],
  ['summary', 'Summary'],
  ['configuration', 'Configuration'],
];

export function CheckpointsTab({ job, sub }: { job: JobDetail; sub: string }) {
  return (
    <>
      <Tabs
        label="About the checkpoints"
        chosen={sub}
        tabs={PARTS.map(([id, title]) => ({
          id,
          title,
          to: `/jobs/${job.jid}/checkpoints${id === 'overview' ? '' : `/${id}`}`,
        }))}
      />
      {sub === 'configuration' ? <Configuration job={job} /> : <Statistics job={job} sub={sub} />}
    </>
  );
}

const ABSENT = 'No statistics of checkpoints are kept for this job.';

function Statistics({ job, sub }: { job: JobDetail; sub: string }) {
  const answer = usePoll<CheckpointStatistics>(`/jobs/${job.jid}/checkpoints`, { once: hasEnded(job.state) });
  return (
    <Loaded from={answer} absent={ABSENT}>
      {(data) => {
        if (sub === 'history') return <CheckpointHistory job={job} checkpoints={data.history} />;
        if (sub === 'summary') return <Summary summary={data.summary} />;
        return (
          <>
            {!hasEnded(job.state) && (
              <div class="row">
                <button type="button" class="button" onClick={() => void takeCheckpoint(job, answer.refresh)}>
                  Take a checkpoint now
                </button>
              </div>
            )}
            <Overview data={data} />
          </>
        );
      }}
    </Loaded>
  );
}

function Overview({ data }: { data: CheckpointStatistics }) {
  const { counts, latest } = data;
  const cards: [string, number, string][] = [
    ['Completed', counts.completed, 'var(--ok)'],
    ['In progress', counts.in_progress, 'inherit'],
    ['Failed', counts.failed, counts.failed > 0 ? 'var(--bad)' : 'inherit'],
    ['Restored', counts.restored, 'inherit'],
    ['Triggered', counts.total, 'inherit'],
  ];
  return (
    <>
      <div class="cards">
        {cards.map(([name, value, color]) => (
          <div key={name} class="panel card">
            <span class="label">{name}</span>
            <span class="value" style={{ color }}>
              {format.exact(value)}
            </span>
          </div>
        ))}
      </div>
      <Latest title="Latest completed checkpoint" checkpoint={latest.completed} none="None has completed yet." />
      <Latest title="Latest failed checkpoint" checkpoint={latest.failed} none="None has failed." />
      <Latest title="Latest savepoint" checkpoint={latest.savepoint} none="None was taken." />
      <Panel title="Latest restore">
        {latest.restored ? (
          <Facts
            facts={[
              ['From', `${latest.restored.is_savepoint ? 'savepoint' : 'checkpoint'} ${latest.restored.id}`],
              ['Restored', <Time key="at" value={latest.restored.restore_timestamp} />],
              ['Path', <code key="path">{latest.restored.external_path ?? format.NONE}</code>],
            ]}
          />
        ) : (
          <span class="muted">The job began from nothing.</span>
        )}
      </Panel>
    </>
  );
}

function Latest({
  title,
  checkpoint,
  none,
}: {
  title: string;
  checkpoint: Checkpoint | null | undefined;
  none: string;
}) {
  return (
    <Panel title={title} tools={checkpoint ? <StateBadge state={checkpoint.status} /> : undefined}>
      {checkpoint ? <CheckpointFacts checkpoint={checkpoint} /> : <span class="muted">{none}</span>}
    </Panel>
  );
}

function CheckpointFacts({ checkpoint }: { checkpoint: Checkpoint }) {
  const facts: [string, preact.ComponentChildren][] = [
    ['Id', checkpoint.id],
    ['Triggered', <Ago key="trigger" at={checkpoint.trigger_timestamp} />],
    ['Duration', format.duration(checkpoint.end_to_end_duration)],
    ['Checkpointed size', format.bytes(checkpoint.checkpointed_size)],
    ['Full size', format.bytes(checkpoint.state_size)],
    ['Acknowledged', `${checkpoint.num_acknowledged_subtasks} of ${checkpoint.num_subtasks}`],
  ];
  if (checkpoint.external_path) facts.push(['Path', <code key="path">{checkpoint.external_path}</code>]);
  if (checkpoint.failure_message) facts.push(['Why', checkpoint.failure_message]);
  return <Facts facts={facts} />;
}

const QUANTITIES: [string, string, (value: number) => string][] = [
  ['end_to_end_duration', 'End to end duration', format.duration],
  ['checkpointed_size', 'Checkpointed size', format.bytes],
  ['state_size', 'Full size', format.bytes],
  ['processed_data', 'Processed in-flight data', format.bytes],
  ['persisted_data', 'Persisted in-flight data', format.bytes],
];

const LEVELS: [keyof Spread, string][] = [
  ['min', 'Min'],
  ['avg', 'Average'],
  ['max', 'Max'],
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['p999', 'p99.9'],
];

function Summary({ summary }: { summary: Record<string, Spread> }) {
  const rows = QUANTITIES.flatMap(([key, name, text]) => (summary[key] ? [{ name, text, spread: summary[key] }] : []));
  return (
    <section class="panel">
      <Table
        id="checkpoint-summary"
        label="Summary of completed checkpoints"
        title="Completed checkpoints in figures"
        rows={rows}
        filter={false}
        rowKey={(row) => row.name}
        empty={<Empty>No checkpoint has completed yet.</Empty>}
        columns={[
          { key: 'name', title: 'Of', render: (row) => row.name },
          ...LEVELS.map(([key, title]) => ({
            key,
            title,
            right: true,
            render: (row: (typeof rows)[number]) => {
              const value = row.spread[key];
              return value === undefined || Number.isNaN(Number(value)) ? format.NONE : row.text(Number(value));
            },
          })),
        ]}
      />
    </section>
  );
}

function Configuration({ job }: { job: JobDetail }) {
  const answer = usePoll<CheckpointConfig>(`/jobs/${job.jid}/checkpoints/config`, { once: true });
  return (
    <Panel title="How this job checkpoints">
      <Loaded from={answer} absent={ABSENT}>
        {(config) => <Facts facts={configFacts(config)} />}
      </Loaded>
    </Panel>
  );
}

const yesNo = (value: boolean | undefined) => (value === undefined ? format.NONE : value ? 'yes' : 'no');

// Flink answers with Long.MAX_VALUE for a job without periodic checkpoints.
const intervalText = (ms: number) => (ms > 1e15 ? 'periodic checkpoints are off' : format.duration(ms));

function configFacts(config: CheckpointConfig): [string, preact.ComponentChildren][] {
  const kept = config.externalization;
  return [
    ['Mode', config.mode?.replace(/_/g, ' ')],
    ['Interval', intervalText(config.interval)],
    ['Timeout', format.duration(config.timeout)],
    ['Least pause between two', format.duration(config.min_pause)],
    ['At the same time', config.max_concurrent],
    ['Failures tolerated', config.tolerable_failed_checkpoints ?? 0],
    ['Unaligned', yesNo(config.unaligned_checkpoints)],
    [
      'Aligned for',
      config.aligned_checkpoint_timeout ? format.duration(config.aligned_checkpoint_timeout) : format.NONE,
    ],
    ['After tasks finish', yesNo(config.checkpoints_after_tasks_finish)],
    ['State backend', config.state_backend ?? format.NONE],
    ['Storage', config.checkpoint_storage ?? format.NONE],
    ['Kept when the job is cancelled', kept?.enabled ? yesNo(!kept.delete_on_cancellation) : 'no'],
  ];
}
