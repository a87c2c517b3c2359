// What is wrong with a job, in one sentence with its evidence.

import { usePoll } from '../../api/poll';
import type { Diagnosis as DiagnosisAnswer, JobDetail, JobExceptions, Verdict } from '../../api/types';
import { Icon, type IconName } from '../../components/icons';
import { Link, withQuery } from '../../router';
import type { Tone } from '../../states';
import { hasEnded } from '../../states';
import { headline } from './exceptions';

const LOOKS: Record<Verdict['severity'], { icon: IconName; tone: Tone; word: string }> = {
  ok: { icon: 'check', tone: 'ok', word: 'Healthy' },
  info: { icon: 'info', tone: 'accent', word: 'Note' },
  warning: { icon: 'warning', tone: 'warn', word: 'Slow' },
  error: { icon: 'failed', tone: 'bad', word: 'Broken' },
};

// `names` in a sentence stand out.
export function Sentence({ text }: { text: string }) {
  return (
    <>
      {text.split('`').map((part, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence
        i % 2 === 1 ? <strong key={i}>{part}</strong> : part,
      )}
    </>
  );
}

export function Diagnosis({ job }: { job: JobDetail }) {
  const answer = usePoll<DiagnosisAnswer>(
    hasEnded(job.state) && job.state !== 'FAILED' ? null : `/jobs/${job.jid}/diagnosis`,
  );
  const isBroken = ['FAILED', 'FAILING', 'RESTARTING'].includes(job.state);
  // A JobManager without a diagnosis still knows what failed.
  const failures = usePoll<JobExceptions>(
    isBroken && answer.error ? `/jobs/${job.jid}/exceptions?maxExceptions=1` : null,
  );
  const verdicts = answer.data?.verdicts ?? failureVerdicts(failures.data);
  if (verdicts.length === 0) return null;
  return (
    <section class="panel verdicts" aria-label="Diagnosis">
      {verdicts.map((verdict) => (
        <VerdictRow key={`${verdict.kind} ${verdict['vertex-id'] ?? ''} ${verdict.summary}`} verdict={verdict} />
      ))}
    </section>
  );
}

function failureVerdicts(failures: JobExceptions | undefined): Verdict[] {
  const first = failures?.exceptionHistory.entries[0];
  if (first === undefined) return [];
  const evidence = first.taskName ? [{ name: 'task', value: first.taskName }] : [];
  return [{ kind: 'failure', severity: 'error', summary: headline(first.stacktrace).first, evidence }];
}

function VerdictRow({ verdict }: { verdict: Verdict }) {
  const look = LOOKS[verdict.severity] ?? LOOKS.info;
  const vertex = verdict['vertex-id'];
  return (
    <div class={`verdict ${look.tone}`}>
      <Icon name={look.icon} size={22} />
      <div class="grow">
        <p class="verdict-summary">
          <span class="visually-hidden">{look.word}: </span>
          <Sentence text={verdict.summary} />
        </p>
        {verdict.advice && (
          <p class="muted">
            <Sentence text={verdict.advice} />
          </p>
        )}
        {(verdict.evidence ?? []).length > 0 && (
          <dl class="evidence">
            {verdict.evidence!.map((fact) => (
              <div key={fact.name}>
                <dt>{fact.name}</dt>
                <dd class="num">{fact.value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      {vertex && (
        <Link class="button small" to={withQuery({ vertex })}>
          Show
        </Link>
      )}
    </div>
  );
}
