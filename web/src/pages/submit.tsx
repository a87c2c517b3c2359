// Programs that were uploaded: look at their plans, run them, remove them.

import { useRef, useState } from 'preact/hooks';
import { ApiError, request, upload } from '../api/client';
import { usePoll } from '../api/poll';
import type { Jar, Plan } from '../api/types';
import { Empty, Loaded, Meter, Panel, Problem } from '../components/basics';
import { timeColumn } from '../components/columns';
import { Confirm } from '../components/dialog';
import { Icon } from '../components/icons';
import { type Column, Table } from '../components/table';
import { say } from '../components/toasts';
import { percent } from '../format';
import { GraphView } from '../graph/graph_view';
import { graphOf } from '../graph/plan';
import { go } from '../router';

export function SubmitPage() {
  const jars = usePoll<{ files: Jar[] }>('/jars');
  return (
    <>
      <div class="page-head">
        <h1>Submit</h1>
      </div>
      <Loaded
        from={jars}
        absent={
          <>
            Submitting here is switched off. From a terminal: <code>weir run ./job</code>
          </>
        }
      >
        {({ files }) => (
          <>
            <Upload onDone={jars.refresh} />
            <Programs files={files} refresh={jars.refresh} />
          </>
        )}
      </Loaded>
    </>
  );
}

function Upload({ onDone }: { onDone: () => void }) {
  const [progress, setProgress] = useState<number>();
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const send = async (file: File | undefined) => {
    if (file === undefined) return;
    setProgress(0);
    try {
      await upload('/jars/upload', file, setProgress);
      say('ok', `${file.name} was uploaded.`);
      onDone();
    } catch (error) {
      say('bad', `${file.name} was not uploaded: ${(error as Error).message}`);
    }
    setProgress(undefined);
    if (input.current) input.current.value = '';
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button does the same
    <div
      class={`dropzone ${over ? 'over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void send(event.dataTransfer?.files[0]);
      }}
    >
      <Icon name="submit" size={26} />
      <p>Drop a job's executable here, or</p>
      <input
        ref={input}
        class="visually-hidden"
        type="file"
        tabIndex={-1}
        aria-label="A job's executable"
        onChange={(event) => send(event.currentTarget.files?.[0])}
      />
      <button
        type="button"
        class="button primary"
        disabled={progress !== undefined}
        onClick={() => input.current?.click()}
      >
        Choose a file
      </button>
      {progress !== undefined && (
        <div style={{ width: '220px' }}>
          <Meter share={progress} label="Uploaded" />
          <span class="muted num">{percent(progress)}</span>
        </div>
      )}
    </div>
  );
}

function Programs({ files, refresh }: { files: Jar[]; refresh: () => void }) {
  const [open, setOpen] = useState<string>();
  const [deleting, setDeleting] = useState<Jar>();
  const columns: Column<Jar>[] = [
    { key: 'name', title: 'Name', value: (row) => row.name },
    timeColumn('uploaded', 'Uploaded', (row) => row.uploaded),
    { key: 'entry', title: 'Entry', value: (row) => row.entry.map((entry) => entry.name).join(', ') || 'main()' },
    {
      key: 'actions',
      title: '',
      right: true,
      render: (row) => (
        <button type="button" class="button small danger" onClick={() => setDeleting(row)}>
          <Icon name="trash" size={14} /> Delete
        </button>
      ),
    },
  ];
  return (
    <section class="panel">
      <Table
        id="programs"
        label="Uploaded programs"
        title="Uploaded programs"
        rows={files}
        columns={columns}
        rowKey={(row) => row.id}
        onChoose={(row) => setOpen(open === row.id ? undefined : row.id)}
        chosen={open}
        sort={{ key: 'uploaded', down: true }}
        empty={<Empty icon="submit">Nothing has been uploaded yet.</Empty>}
        expanded={(row) => (row.id === open ? <RunForm jar={row} /> : undefined)}
      />
      {deleting && (
        <Confirm
          title={`Delete “${deleting.name}”?`}
          action="Delete"
          danger
          onClose={() => setDeleting(undefined)}
          onConfirm={async () => {
            await request(`/jars/${encodeURIComponent(deleting.id)}`, { method: 'DELETE' });
            refresh();
          }}
        >
          <p>Jobs that were started from it go on. To run it again, upload it again.</p>
        </Confirm>
      )}
    </section>
  );
}

interface RunOptions {
  parallelism: string;
  programArgs: string;
  savepointPath: string;
  allowNonRestoredState: boolean;
}

// What the API wants of it: fields that are left empty are left out.
export function runBody(options: RunOptions): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  if (options.parallelism.trim()) body.parallelism = Number(options.parallelism);
  const words = splitArguments(options.programArgs);
  if (words.length > 0) body.programArgsList = words;
  if (options.savepointPath.trim()) body.savepointPath = options.savepointPath.trim();
  if (options.allowNonRestoredState) body.allowNonRestoredState = true;
  return body;
}

// As a shell splits: spaces, but not inside quotes.
export function splitArguments(text: string): string[] {
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  );
}

function RunForm({ jar }: { jar: Jar }) {
  const [options, setOptions] = useState<RunOptions>({
    parallelism: '',
    programArgs: '',
    savepointPath: '',
    allowNonRestoredState: false,
  });
  const [plan, setPlan] = useState<Plan>();
  const [failure, setFailure] = useState<ApiError>();
  const [running, setRunning] = useState(false);
  const path = `/jars/${encodeURIComponent(jar.id)}`;
  const act = async (what: () => Promise<void>) => {
    setRunning(true);
    setFailure(undefined);
    try {
      await what();
    } catch (error) {
      setFailure(error as ApiError);
    }
    setRunning(false);
  };
  const { savepointPath: _, allowNonRestoredState: __, ...planned } = options;
  const showPlan = () =>
    act(async () => {
      const body = runBody({ ...planned, savepointPath: '', allowNonRestoredState: false });
      setPlan((await request<{ plan: Plan }>(`${path}/plan`, { method: 'POST', body })).plan);
    });
  const run = () =>
    act(async () => {
      const { jobid } = await request<{ jobid: string }>(`${path}/run`, { method: 'POST', body: runBody(options) });
      say('ok', `${jar.name} was submitted.`);
      go(`/jobs/${jobid}`);
    });
  return (
    <form
      class="run-form"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      <TextField
        name="Parallelism"
        value={options.parallelism}
        hint="that of the configuration"
        numeric
        onInput={(parallelism) => setOptions({ ...options, parallelism })}
      />
      <TextField
        name="Arguments"
        value={options.programArgs}
        hint="--input my.csv"
        wide
        onInput={(programArgs) => setOptions({ ...options, programArgs })}
      />
      <TextField
        name="Savepoint to start from"
        value={options.savepointPath}
        hint="none"
        wide
        onInput={(savepointPath) => setOptions({ ...options, savepointPath })}
      />
      <label class="check wide">
        <input
          type="checkbox"
          checked={options.allowNonRestoredState}
          onChange={(event) => setOptions({ ...options, allowNonRestoredState: event.currentTarget.checked })}
        />
        Leave out state that no operator takes
      </label>
      <div class="row wide">
        <button type="submit" class="button primary" disabled={running}>
          Run
        </button>
        <button type="button" class="button" disabled={running} onClick={showPlan}>
          Show plan
        </button>
      </div>
      {failure && (
        <div class="wide">
          <Problem error={failure instanceof ApiError ? failure : new ApiError(0, path, String(failure))} />
        </div>
      )}
      {plan && (
        <div class="wide">
          <Panel title="Plan" padded={false}>
            <GraphView graph={graphOf(plan)} />
          </Panel>
        </div>
      )}
    </form>
  );
}

function TextField(props: {
  name: string;
  value: string;
  hint: string;
  wide?: boolean;
  numeric?: boolean;
  onInput: (value: string) => void;
}) {
  return (
    <label class={`field ${props.wide ? 'wide' : ''}`}>
      <span>{props.name}</span>
      <input
        class="input"
        inputMode={props.numeric ? 'numeric' : 'text'}
        {...(props.numeric ? { pattern: '[0-9]*' } : {})}
        placeholder={props.hint}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}
