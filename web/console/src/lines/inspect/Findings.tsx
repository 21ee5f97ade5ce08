// What inspectors found: the list, with what the unit answered and why one was closed. An inspector writes here; nobody else.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { findingAnswer, findingClose, findingFile } from '@/api/generated';
import type { Finding, FindingKind, FindingStep } from '@/api/generated.schemas';
import { Problem, requestId } from '@/api/http';
import { findingList } from '@/api/queries';
import { useMay } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { timeOf } from '@/shared/clock';
import { Findings as Wrong } from '@/shared/deed';
import { Choice, Labelled, Text } from '@/shared/fields';
import { useDayText } from '@/shared/format';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { Who } from '@/shared/Who';
import '@/shared/deed.css';
import '../reporting/paper.css';

const KINDS: FindingKind[] = ['late', 'omitted', 'concealed', 'false', 'misuse', 'idle', 'other'];
const wrong = (error: unknown) => (error instanceof Problem ? (error.body.findings ?? []) : []);

function Words({ name, label, value, onValue }: { name: string; label: string; value: string; onValue: (text: string) => void }) {
  const { t } = useTranslation();
  return (
    <Labelled name={name} label={label} hint={t('findings.words_hint')}>
      {(id, described, isWrong) => <textarea id={id} rows={4} maxLength={2000} required value={value} aria-describedby={described} aria-invalid={isWrong || undefined} onChange={(e) => onValue(e.target.value)} />}
    </Labelled>
  );
}

/** One step with its words: sent once, though it be pressed twice. */
function useOnce<T>(act: (value: T, headers: Record<string, string>) => Promise<unknown>, done: () => void) {
  const client = useQueryClient();
  const [key, setKey] = useState(requestId);
  return useMutation({
    mutationFn: (value: T) => act(value, { 'idempotency-key': key }),
    onSuccess: () => {
      setKey(requestId());
      done();
      return client.invalidateQueries({ queryKey: ['findings'] });
    },
    onError: (e) => {
      if (!(e instanceof Problem && e.unanswered)) setKey(requestId());
    },
  });
}

function Write({ unit }: { unit: string }) {
  const { t } = useTranslation();
  const blank = { unit, day: '', kind: 'late' as string, text: '', evidence: '' };
  const [now, setNow] = useState(blank);
  const set = (name: keyof typeof blank) => (value: string) => setNow((before) => ({ ...before, [name]: value }));
  const file = useOnce<typeof blank>(
    (v, headers) => {
      // The journal's page writes an entry with a colon.
      const evidence = v.evidence.split(/[\s,，、;；]+/).filter(Boolean).map((one) => one.replace(/^(\d+):(\d+)$/, '$1/$2'));
      return findingFile({ unit: v.unit.trim(), day: v.day.trim() || null, kind: v.kind as FindingKind, text: v.text, evidence }, { headers });
    },
    () => setNow(blank),
  );
  return (
    <Wrong value={wrong(file.error)}>
      <form
        className="card card-pad change-form"
        data-write
        onSubmit={(e) => {
          e.preventDefault();
          file.mutate(now);
        }}
      >
        <h2>{t('findings.write')}</h2>
        <p className="faint small">{t('findings.write_sub')}</p>
        <Text name="unit" label={t('findings.unit')} value={now.unit} onValue={set('unit')} required />
        <Text name="day" label={t('findings.day')} hint={t('findings.day_hint')} value={now.day} onValue={set('day')} />
        <Choice name="kind" label={t('findings.kind')} value={now.kind} onValue={set('kind')} options={KINDS.map((kind): [string, string] => [kind, t(`findings.kinds.${kind}`)])} />
        <Words name="text" label={t('findings.text')} value={now.text} onValue={set('text')} />
        <Text name="evidence" label={t('findings.evidence')} hint={t('findings.evidence_hint')} value={now.evidence} maxLength={1500} onValue={set('evidence')} />
        <p className="change-go">
          <button type="submit" className="act" disabled={file.isPending} data-file>
            {t('findings.file')}
          </button>
        </p>
        {file.isError && <Refusal error={file.error} />}
        {file.isSuccess && (
          <p className="mark-good" role="status" data-filed>
            ● {t('findings.filed')}
          </p>
        )}
      </form>
    </Wrong>
  );
}

/** An answer or a close: a button that opens a field, so that a list is not a row of fields. */
function Follow({ id, kind }: { id: string; kind: 'answer' | 'close' }) {
  const { t } = useTranslation();
  const [text, setText] = useState<string | null>(null);
  const box = useId();
  const send = useOnce<string>((words, headers) => (kind === 'answer' ? findingAnswer(id, { text: words }, { headers }) : findingClose(id, { reason: words }, { headers })), () => setText(null));
  if (text === null)
    return (
      <button type="button" className="plain" onClick={() => setText('')} data-follow={kind}>
        {t(`findings.${kind}`)}
      </button>
    );
  return (
    <Wrong value={wrong(send.error)}>
      <form
        id={box}
        className="change-form"
        onSubmit={(e) => {
          e.preventDefault();
          send.mutate(text);
        }}
      >
        <Words name={kind === 'answer' ? 'text' : 'reason'} label={t(`findings.${kind}_words`)} value={text} onValue={setText} />
        <p className="change-go">
          <button type="submit" className="act" disabled={send.isPending} data-send={kind}>
            {t(`findings.${kind}`)}
          </button>
          <button type="button" className="plain" onClick={() => setText(null)}>
            {t('findings.leave')}
          </button>
        </p>
        {send.isError && <Refusal error={send.error} />}
      </form>
    </Wrong>
  );
}

function Step({ step, label }: { step: FindingStep; label: string }) {
  return (
    <p className="finding-step">
      <b>{label}</b>{' '}
      <span className="faint">
        {step.at.slice(0, 10)} {timeOf(step.at)} · <Who actor={step.by} />
      </span>
      <br />
      {step.text}
    </p>
  );
}

function One({ f, answers, closes }: { f: Finding; answers: boolean; closes: boolean }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  return (
    <li className="card card-pad finding" data-finding={f.id} data-closed={String(f.closed !== null)}>
      <header>
        <b>{t(`findings.kinds.${f.kind}`)}</b>
        <Link className="change-link" to={`/units/${encodeURIComponent(f.unit.code)}`}>
          {f.unit.name} {f.unit.code}
        </Link>
        {f.day && <span>{t('findings.of_day', { day: dayText(f.day) })}</span>}
        <span className="faint">
          {f.at.slice(0, 10)} {timeOf(f.at)} · <Who actor={f.by} />
        </span>
        <span className={f.closed ? 'mark-good' : 'mark-warn'}>{f.closed ? `● ${t('findings.is_closed')}` : `◆ ${t('findings.is_open')}`}</span>
      </header>
      <p className="finding-words">{f.text}</p>
      {f.evidence.length > 0 && (
        <p className="num small">
          <span className="faint">{t('findings.rests_on')}</span> {f.evidence.join('  ')}
        </p>
      )}
      {f.answer && <Step step={f.answer} label={t('findings.answered')} />}
      {f.closed && <Step step={f.closed} label={t('findings.closed')} />}
      {!f.closed && (
        <p className="change-go">
          {answers && !f.answer && <Follow id={f.id} kind="answer" />}
          {closes && <Follow id={f.id} kind="close" />}
        </p>
      )}
    </li>
  );
}

export default function Findings() {
  const { t } = useTranslation();
  const [params, change] = useAddress();
  const node = params.get('node');
  const [writes, answers] = [useMay('finding.file'), useMay('finding.answer')];
  const query = useInfiniteQuery(findingList(node));
  const items = query.data?.pages.flatMap((page) => page.items);
  return (
    <main className="page">
      <h1>{t('nav.findings')}</h1>
      <p className="faint">{t('findings.sub')}</p>
      {node && (
        <p>
          {t('findings.only', { node: node.replace(/^unit:/, '') })}{' '}
          <button type="button" className="plain" onClick={() => change({ node: null })}>
            {t('findings.all')}
          </button>
        </p>
      )}
      {writes && <Write unit={node?.replace(/^unit:/, '') ?? ''} />}
      {query.isError && <Refusal error={query.error} retry={() => void query.refetch()} />}
      {!items && !query.isError && <Waiting />}
      {items?.length === 0 && <Nothing>{t('findings.none')}</Nothing>}
      <ul>
        {items?.map((f) => (
          <One key={f.id} f={f} answers={answers} closes={writes} />
        ))}
      </ul>
      {query.hasNextPage && (
        <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('findings.more')}
        </button>
      )}
    </main>
  );
}
