// Measures: what is to be done. Registered here, handed out to a part of the tree, and how far each is.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { measureRegister, taskAssign } from '@/api/generated';
import type { HandedOut, MeasureProgress, TaskMeasure } from '@/api/generated.schemas';
import { Problem, requestId } from '@/api/http';
import { measureList, measureProgress } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { Findings as Wrong } from '@/shared/deed';
import { Choice, Labelled, Since, Text } from '@/shared/fields';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { type Chosen, UnitPick } from '@/shared/UnitPick';
import { instant } from './act';
import { minute } from './told';
import '@/shared/deed.css';
import './tasks.css';

const wrong = (error: unknown) => (error instanceof Problem ? (error.body.findings ?? []) : []);

function Register() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [key, setKey] = useState(requestId);
  const send = useMutation({
    mutationFn: () => measureRegister({ text }, { headers: { 'idempotency-key': key } }),
    onSuccess: () => {
      setKey(requestId());
      setText('');
      return client.invalidateQueries({ queryKey: ['measures'] });
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) setKey(requestId());
    },
  });
  return (
    <Wrong value={wrong(send.error)}>
      <form
        className="card card-pad change-form"
        data-register
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate();
        }}
      >
        <Labelled name="text" label={t('tasks.register')} hint={t('tasks.words_hint')}>
          {(id, described, isWrong) => <textarea id={id} rows={3} maxLength={2000} required value={text} aria-describedby={described} aria-invalid={isWrong || undefined} onChange={(e) => setText(e.target.value)} />}
        </Labelled>
        <p className="change-go">
          <button type="submit" className="act" disabled={send.isPending}>
            {t('tasks.register_go')}
          </button>
        </p>
        {send.isError && <Refusal error={send.error} />}
      </form>
    </Wrong>
  );
}

function HandOut({ measure, done }: { measure: TaskMeasure; done: (handed: HandedOut) => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const client = useQueryClient();
  const [unit, setUnit] = useState<Chosen | null>({ code: measure.unit.code, name: measure.unit.name });
  const [which, setWhich] = useState('children');
  const [day, setDay] = useState(about.today);
  const [time, setTime] = useState('18:00');
  const [key, setKey] = useState(requestId);
  const send = useMutation({
    mutationFn: () => {
      const due = instant(day, time, about.now);
      const to = which === 'alone' ? { units: [unit?.code ?? ''] } : { node: `unit:${unit?.code}`, which: which as 'children' | 'all' };
      return taskAssign(measure.id, { ...to, due }, { headers: { 'idempotency-key': key } });
    },
    onSuccess: (handed) => {
      setKey(requestId());
      done(handed);
      return Promise.all(['measures', 'tasks', 'waiting'].map((of) => client.invalidateQueries({ queryKey: [of] })));
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) setKey(requestId());
    },
  });
  return (
    <Wrong value={wrong(send.error)}>
      <form
        className="change-form"
        data-hand-out
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate();
        }}
      >
        <UnitPick name="unit" label={t('tasks.hand_to')} day={about.today} chosen={unit} onChosen={setUnit} without={[]} />
        <Choice name="which" label={t('tasks.which')} value={which} onValue={setWhich} options={['children', 'all', 'alone'].map((one): [string, string] => [one, t(`tasks.whiches.${one}`)])} />
        <Since name="due" label={t('tasks.due')} day={day} onDay={setDay} quiet />
        <Text name="time" label={t('tasks.time')} value={time} onValue={setTime} maxLength={5} required />
        <p className="change-go">
          <button type="submit" className="act" disabled={send.isPending || !unit} data-send="hand-out">
            {t('tasks.hand_out')}
          </button>
        </p>
        {send.isError && <Refusal error={send.error} />}
      </form>
    </Wrong>
  );
}

/** From the end of the way to its beginning: what is done stands left. */
const STATES = ['struck_off', 'reported', 'under_way', 'signed', 'contested', 'assigned'] as const;

function Stand({ name, progress }: { name: string; progress: MeasureProgress }) {
  const { t } = useTranslation();
  const there = STATES.filter((state) => (progress.states[state] ?? 0) > 0);
  return (
    <div className="task-stand" data-stand={name}>
      <span>{name}</span>
      <span className="task-bar" aria-hidden="true">
        {there.map((state) => (
          <span key={state} className={`task-bar-${state}`} style={{ width: `${((progress.states[state] ?? 0) / progress.all) * 100}%` }} />
        ))}
      </span>
      <span className="small task-counts">
        {there.map((state) => (
          <span key={state}>
            {t(`tasks.state.${state}`)} <b className="num">{progress.states[state]}</b>
          </span>
        ))}
        {progress.behind > 0 && <span className="mark-bad">▲ {t('tasks.behind', { n: progress.behind })}</span>}
      </span>
    </div>
  );
}

function Progress({ measure }: { measure: TaskMeasure }) {
  const { t } = useTranslation();
  const query = useQuery(measureProgress(measure.id));
  const [parts, setParts] = useState(false);
  if (query.isError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Waiting />;
  return (
    <>
      <Stand name={t('tasks.whole')} progress={query.data.progress} />
      {query.data.parts.length > 1 && (
        <button type="button" className="plain" aria-expanded={parts} onClick={() => setParts(!parts)} data-parts>
          {t(parts ? 'tasks.parts_hide' : 'tasks.parts_show')}
        </button>
      )}
      {parts && query.data.parts.map((part) => <Stand key={part.unit.code} name={part.own ? t('tasks.itself', { unit: part.unit.name }) : part.unit.name} progress={part.progress} />)}
    </>
  );
}

function One({ measure }: { measure: TaskMeasure }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [handed, setHanded] = useState<HandedOut | null>(null);
  return (
    <li className="card card-pad" data-measure={measure.number}>
      <header>
        <b className="num">{measure.number}</b>
        <span>{measure.unit.name}</span>
        <span>{t(`tasks.source.${measure.source}`)}</span>
        <span className="faint">{minute(measure.at)}</span>
      </header>
      <p className="task-words">{measure.text}</p>
      {measure.tasks > 0 ? <Progress measure={measure} /> : <p className="faint">{t('tasks.nobody_yet')}</p>}
      {handed && (
        <p className="mark-good" role="status" data-handed={handed.given}>
          ● {t('tasks.handed', { given: handed.given, had: handed.had, refused: handed.refused })}
        </p>
      )}
      {open ? (
        <HandOut
          measure={measure}
          done={(done) => {
            setHanded(done);
            setOpen(false);
          }}
        />
      ) : (
        <p className="change-go">
          <button type="button" className="act" onClick={() => setOpen(true)} data-open="hand-out">
            {t('tasks.hand_out')}
          </button>
        </p>
      )}
    </li>
  );
}

export default function Measures() {
  const { t } = useTranslation();
  const query = useInfiniteQuery(measureList());
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <main className="page">
      <h1>{t('tasks.measures')}</h1>
      <p className="faint">{t('tasks.measures_sub')}</p>
      <Register />
      {query.isError && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {!items && !query.isError && <Waiting />}
      {items?.length === 0 && <Nothing>{t('tasks.no_measures')}</Nothing>}
      <ul className="task-list">
        {items?.map((measure) => (
          <One key={measure.id} measure={measure} />
        ))}
      </ul>
      {query.hasNextPage && (
        <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('tasks.more')}
        </button>
      )}
    </main>
  );
}
