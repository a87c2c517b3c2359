// What can be done to a running job: a savepoint, a stop with one, a cancellation. Each asks first and shows its progress.

import { useState } from 'preact/hooks';
import { ApiError, request } from '../../api/client';
import { useDashboardConfig, usePoll } from '../../api/poll';
import type { AsyncResult, CheckpointStatistics, JobDetail } from '../../api/types';
import { Confirm } from '../../components/dialog';
import { follow, say } from '../../components/toasts';
import * as format from '../../format';

const POLL_MS = 400;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

// Until an operation that was started has ended; its place or number, or its failure.
export async function outcomeOf(path: string, wait = () => pause(POLL_MS)): Promise<string> {
  for (;;) {
    const answer = await request<AsyncResult>(path);
    if (answer.status.id !== 'IN_PROGRESS') {
      const failure = answer.operation?.['failure-cause'] ?? answer.operation?.failureCause;
      if (failure) throw new Error(failure['stack-trace'].split('\n')[0] || failure.class);
      return answer.operation?.location ?? String(answer.operation?.checkpointId ?? '');
    }
    await wait();
  }
}

// Disturbs nobody, so nobody is asked.
export async function takeCheckpoint(job: JobDetail, refresh: () => void) {
  const take = async () => {
    const path = `/jobs/${job.jid}/checkpoints`;
    const started = await request<{ 'request-id': string }>(path, { method: 'POST' });
    return outcomeOf(`${path}/${started['request-id']}`);
  };
  await follow(`Checkpoint of ${job.name}…`, take().finally(refresh), (id) => `Checkpoint ${id} completed.`);
}

type Asking = 'savepoint' | 'stop' | 'cancel';

export function JobActions({ job, refresh }: { job: JobDetail; refresh: () => void }) {
  const [asking, setAsking] = useState<Asking>();
  const mayCancel = useDashboardConfig()?.features['web-cancel'] ?? true;
  const close = () => setAsking(undefined);
  const isEnding = job.state === 'CANCELLING' || job.state === 'FAILING';
  return (
    <div class="row">
      <button type="button" class="button" disabled={isEnding} onClick={() => setAsking('savepoint')}>
        Savepoint
      </button>
      {mayCancel && (
        <>
          <button type="button" class="button" disabled={isEnding} onClick={() => setAsking('stop')}>
            Stop
          </button>
          <button type="button" class="button danger" disabled={isEnding} onClick={() => setAsking('cancel')}>
            Cancel job
          </button>
        </>
      )}
      {asking === 'savepoint' && <SavepointDialog job={job} onClose={close} />}
      {asking === 'stop' && <StopDialog job={job} onClose={close} refresh={refresh} />}
      {asking === 'cancel' && (
        <CancelDialog job={job} onClose={close} refresh={refresh} onStop={() => setAsking('stop')} />
      )}
    </div>
  );
}

function Folder({ value, onInput }: { value: string; onInput: (value: string) => void }) {
  return (
    <label class="field">
      <span>Folder</span>
      <input
        class="input"
        value={value}
        placeholder="that of the configuration (execution.checkpointing.savepoint-dir)"
        onInput={(event) => onInput(event.currentTarget.value)}
      />
    </label>
  );
}

const placeText = (what: string, place: string) => (
  <>
    {what} <code>{place}</code>
  </>
);

function SavepointDialog({ job, onClose }: { job: JobDetail; onClose: () => void }) {
  const [folder, setFolder] = useState('');
  const [native, setNative] = useState(false);
  const take = async () => {
    const body = {
      'cancel-job': false,
      formatType: native ? 'NATIVE' : 'CANONICAL',
      ...(folder ? { 'target-directory': folder } : {}),
    };
    const started = await request<{ 'request-id': string }>(`/jobs/${job.jid}/savepoints`, { method: 'POST', body });
    const path = `/jobs/${job.jid}/savepoints/${started['request-id']}`;
    void follow(`Savepoint of ${job.name}…`, outcomeOf(path), (place) => placeText('Savepoint completed:', place));
  };
  return (
    <Confirm title={`Take a savepoint of “${job.name}”?`} action="Take savepoint" onConfirm={take} onClose={onClose}>
      <p>The job goes on. Its state is written completely, so that a job can start from it at any time.</p>
      <Folder value={folder} onInput={setFolder} />
      <label class="check">
        <input type="checkbox" checked={native} onChange={(event) => setNative(event.currentTarget.checked)} />
        In the state backend's own format (faster; restores into the same backend only)
      </label>
    </Confirm>
  );
}

function StopDialog({ job, onClose, refresh }: { job: JobDetail; onClose: () => void; refresh: () => void }) {
  const [folder, setFolder] = useState('');
  const [drain, setDrain] = useState(false);
  const stop = async () => {
    const body = { drain, ...(folder ? { targetDirectory: folder } : {}) };
    const started = await request<{ 'request-id': string }>(`/jobs/${job.jid}/stop`, { method: 'POST', body });
    const path = `/jobs/${job.jid}/savepoints/${started['request-id']}`;
    void follow(`Stopping ${job.name} with a savepoint…`, outcomeOf(path).finally(refresh), (place) =>
      placeText('Stopped. Savepoint:', place),
    );
  };
  return (
    <Confirm title={`Stop “${job.name}” with a savepoint?`} action="Stop job" onConfirm={stop} onClose={onClose}>
      <p>
        The sources end, everything that is under way is processed, and the state is kept: the job can go on from it.
      </p>
      <Folder value={folder} onInput={setFolder} />
      <label class="check">
        <input type="checkbox" checked={drain} onChange={(event) => setDrain(event.currentTarget.checked)} />
        Drain: fire all windows and timers first (for a job that will not go on)
      </label>
    </Confirm>
  );
}

// What a cancellation loses: the work since the last checkpoint, if there is one.
export function lossSentence(statistics: CheckpointStatistics | undefined, now: number): string {
  const latest = statistics?.latest.completed ?? statistics?.latest.savepoint;
  if (latest === undefined || latest === null) return 'It has no completed checkpoint: all its state is lost.';
  const age = format.duration(Math.floor(Math.max(now - latest.latest_ack_timestamp, 0) / 1000) * 1000);
  return `State since the last checkpoint, ${age} ago, is lost.`;
}

interface CancelProps {
  job: JobDetail;
  onClose: () => void;
  refresh: () => void;
  onStop: () => void;
}

function CancelDialog({ job, onClose, refresh, onStop }: CancelProps) {
  const statistics = usePoll<CheckpointStatistics>(`/jobs/${job.jid}/checkpoints`, { once: true });
  const cancel = async () => {
    await request(`/jobs/${job.jid}?mode=cancel`, { method: 'PATCH' });
    refresh();
    void follow(`Cancelling ${job.name}…`, untilEnded(job.jid).finally(refresh), (state) => `${job.name} is ${state}.`);
  };
  return (
    <Confirm
      title={`Cancel job “${job.name}”?`}
      action="Cancel job"
      danger
      onConfirm={cancel}
      onClose={onClose}
      other={
        <button type="button" class="button" onClick={onStop}>
          Stop with savepoint instead
        </button>
      }
    >
      <p>All its tasks end at once. {lossText(statistics)}</p>
    </Confirm>
  );
}

function lossText(statistics: { data: CheckpointStatistics | undefined; error: ApiError | undefined }) {
  if (statistics.data === undefined && statistics.error === undefined) return '';
  return lossSentence(statistics.data, Date.now());
}

async function untilEnded(id: string): Promise<string> {
  for (;;) {
    const { status } = await request<{ status: string }>(`/jobs/${id}/status`);
    if (['CANCELED', 'FINISHED', 'FAILED'].includes(status)) return status.toLowerCase();
    await pause(POLL_MS);
  }
}

export const sayFailure = (error: unknown) => say('bad', error instanceof ApiError ? error.message : String(error));
