// What can be done with a task as it stands: a button for each, which opens the field that it needs.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as api from '@/api/generated';
import type { Task, TaskState } from '@/api/generated.schemas';
import { Problem, requestId } from '@/api/http';
import { useAbout, useMay } from '@/shared/about';
import { Findings as Wrong } from '@/shared/deed';
import { Labelled, Since, Text } from '@/shared/fields';
import { Refusal } from '@/shared/State';
import { type Chosen, UnitPick } from '@/shared/UnitPick';
import '@/shared/deed.css';

const wrong = (error: unknown) => (error instanceof Problem ? (error.body.findings ?? []) : []);

/** What one does, by the right that it needs and the states in which it can be done. */
const DEEDS = {
  sign: ['task.report', ['assigned']],
  start: ['task.report', ['assigned', 'signed']],
  split: ['task.report', ['assigned', 'signed', 'under_way']],
  report: ['task.report', ['assigned', 'signed', 'under_way']],
  contest: ['task.report', ['assigned']],
  uphold: ['task.assign', ['contested']],
  verify: ['task.verify', ['reported']],
  return: ['task.verify', ['reported']],
  transfer: ['task.assign', ['assigned', 'contested', 'signed', 'under_way']],
  extend: ['task.assign', ['assigned', 'contested', 'signed', 'under_way', 'reported']],
  withdraw: ['task.assign', ['assigned', 'contested', 'signed', 'under_way', 'reported']],
  reopen: ['task.verify', ['struck_off']],
} as const satisfies Record<string, readonly [string, readonly TaskState[]]>;
type Deed = keyof typeof DEEDS;

/** Those that need nothing said are done at a press. */
const AT_ONCE: Deed[] = ['sign', 'start'];
const WITH_DATE: Deed[] = ['extend', 'reopen'];
const WITH_UNIT: Deed[] = ['transfer', 'split'];
const WITH_TEXT: Deed[] = ['report', 'verify', 'split'];

export type Said = { words: string; evidence: string; day: string; time: string; unit: Chosen | null };

/** A day and a time of the office's clocks as an instant. */
export const instant = (day: string, time: string, now: string): string => `${day}T${time}:00${now.slice(19)}`;

async function done(deed: Deed, task: Task, said: Said, now: string, headers: Record<string, string>): Promise<unknown> {
  const options = { headers };
  const text = { text: said.words, evidence: said.evidence.split(/[\s,，、;；]+/).filter(Boolean) };
  const reason = { reason: said.words };
  const due = instant(said.day, said.time, now);
  const unit = said.unit?.code ?? '';
  switch (deed) {
    case 'sign':
      return api.taskSign(task.id, {}, options);
    case 'start':
      return api.taskStart(task.id, {}, options);
    case 'report':
      return api.taskReport(task.id, text, options);
    case 'verify':
      return api.taskVerify(task.id, text, options);
    case 'split':
      return api.taskSplit(task.id, { unit, text: said.words }, options);
    case 'contest':
      return api.taskContest(task.id, reason, options);
    case 'uphold':
      return api.taskUphold(task.id, reason, options);
    case 'return':
      return api.taskReturn(task.id, reason, options);
    case 'withdraw':
      return api.taskWithdraw(task.id, reason, options);
    case 'transfer':
      return api.taskTransfer(task.id, { unit, ...reason }, options);
    case 'extend':
      return api.taskExtend(task.id, { due, ...reason }, options);
    case 'reopen':
      return api.taskReopen(task.id, { due, ...reason }, options);
  }
}

export function Acts({ task }: { task: Task }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const blank = { words: '', evidence: '', day: task.due.slice(0, 10), time: task.due.slice(11, 16), unit: null };
  const [open, setOpen] = useState<Deed | null>(null);
  const [said, setSaid] = useState<Said>(blank);
  const [key, setKey] = useState(requestId);
  const may: Record<string, boolean> = { 'task.report': useMay('task.report'), 'task.assign': useMay('task.assign'), 'task.verify': useMay('task.verify') };
  const send = useMutation({
    mutationFn: (deed: Deed) => done(deed, task, said, about.now, { 'idempotency-key': key }),
    onSuccess: () => {
      setKey(requestId());
      setOpen(null);
      setSaid(blank);
      return Promise.all(['task', 'tasks', 'waiting', 'measures'].map((of) => client.invalidateQueries({ queryKey: [of] })));
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) setKey(requestId());
    },
  });
  const can = (Object.keys(DEEDS) as Deed[]).filter((deed) => may[DEEDS[deed][0]] && (DEEDS[deed][1] as readonly string[]).includes(task.state));
  const set = (more: Partial<Said>) => setSaid((before) => ({ ...before, ...more }));
  const press = (deed: Deed) => {
    if (AT_ONCE.includes(deed)) send.mutate(deed);
    else setOpen(deed);
  };
  if (can.length === 0) return null;
  if (open === null)
    return (
      <>
        <p className="change-go">
          {can.map((deed, n) => (
            <button key={deed} type="button" className={n === 0 ? 'act' : 'plain'} disabled={send.isPending} data-deed={deed} onClick={() => press(deed)}>
              {t(`tasks.deed.${deed}`)}
            </button>
          ))}
        </p>
        {send.isError && <Refusal error={send.error} />}
      </>
    );
  const says = WITH_TEXT.includes(open) ? 'text' : 'reason';
  return (
    <Wrong value={wrong(send.error)}>
      <form
        className="card card-pad change-form"
        data-doing={open}
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate(open);
        }}
      >
        <h2>{t(`tasks.deed.${open}`)}</h2>
        {WITH_UNIT.includes(open) && <UnitPick name="unit" label={t('tasks.to_unit')} day={about.today} chosen={said.unit} onChosen={(unit) => set({ unit })} without={[]} />}
        {WITH_DATE.includes(open) && (
          <>
            <Since name="due" label={t('tasks.due')} day={said.day} onDay={(day) => set({ day })} quiet />
            <Text name="time" label={t('tasks.time')} value={said.time} onValue={(time) => set({ time })} maxLength={5} required />
          </>
        )}
        <Labelled name={says} label={t(`tasks.say.${open}`)} hint={t('tasks.words_hint')}>
          {(id, described, isWrong) => <textarea id={id} rows={4} maxLength={2000} required={open !== 'verify'} value={said.words} aria-describedby={described} aria-invalid={isWrong || undefined} onChange={(e) => set({ words: e.target.value })} />}
        </Labelled>
        {(open === 'report' || open === 'verify') && <Text name="evidence" label={t('tasks.evidence')} hint={t('tasks.evidence_hint')} value={said.evidence} maxLength={1500} onValue={(evidence) => set({ evidence })} />}
        <p className="change-go">
          <button type="submit" className="act" disabled={send.isPending || (WITH_UNIT.includes(open) && !said.unit)} data-send={open}>
            {t(`tasks.deed.${open}`)}
          </button>
          <button type="button" className="plain" onClick={() => setOpen(null)}>
            {t('tasks.leave')}
          </button>
        </p>
        {send.isError && <Refusal error={send.error} />}
      </form>
    </Wrong>
  );
}
