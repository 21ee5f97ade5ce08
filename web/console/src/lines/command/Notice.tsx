// One text: original and readable side by side, what was done to every character, what is only conjecture.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { address } from '@/api/http';
import { noticeDecide, noticeList, noticeRead, type Notice as Text, type Span } from '@/api/notices';
import { useMayInWhole } from '@/shared/about';
import { useCopy } from '@/shared/copy';
import { count } from '@/shared/format';
import { Mark } from '@/shared/Mark';
import { Show } from '@/shared/State';
import { ConjectureCard } from './ConjectureCard';
import { NoticeFacts } from './NoticeFacts';
import { NoticeText, type Left } from './NoticeText';
import { nextOpen } from './rows';
import './notice.css';

type Pane = 'readable' | Left;

function Head({ notice }: { notice: Text }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  return (
    <header className="notice-head">
      <p className="small">
        <Link to="/notices">‹ {t('notice.list')}</Link>
      </p>
      <h1 lang="zh-Hans">{notice.title ?? t('notice.untitled')}</h1>
      <p className="small faint num">
        {t('notice.received', { at: notice.received_at.slice(0, 16).replace('T', ' ') })} ·{' '}
        <button type="button" className="notice-digest" title={notice.digest} onClick={() => copy(notice.digest)}>
          {notice.digest.slice(0, 19)}… {copied === 'yes' && `✓ ${t('notice.copied')}`}
        </button>{' '}
        · <a href={address(`/notices/${notice.id}/original`)}>{t('notice.download')}</a>
      </p>
    </header>
  );
}

function Legend({ notice, onNext }: { notice: Text; onNext: () => void }) {
  const { t } = useTranslation();
  const of = (kind: Span['kind']) => notice.spans.filter((s) => s.kind === kind);
  const converted = of('converted').reduce((n, s) => n + (s.end - s.start), 0);
  const open = notice.conjectures.filter((c) => c.state === 'open').length;
  return (
    <p className="notice-legend">
      <span className="sp sp-reading">{t('notice.legend.reading', { count: of('reading').length })}</span>
      <span className="sp sp-decoded">{t('notice.legend.decoded', { count: of('decoded').length })}</span>
      <span>{t('notice.legend.converted', { count: converted })}</span>
      {notice.conjectures_cut && <Mark tone="bad">{t('notice.cut')}</Mark>}
      {notice.conjectures.length > 0 && (
        <span className="notice-progress">
          {open > 0 ? <Mark tone="warn">{t('notice.open_n', { n: count(open), all: count(notice.conjectures.length) })}</Mark> : <Mark tone="good">{t('notice.none_open')}</Mark>}
          {open > 0 && (
            <button type="button" className="plain" onClick={onNext} data-next>
              {t('notice.cj.next')}
            </button>
          )}
        </span>
      )}
    </p>
  );
}

/** What was done to the characters under the pointer. */
function Strip({ span }: { span: Span | null }) {
  const { t } = useTranslation();
  return (
    <p className="notice-strip" role="status">
      {span ? (
        <>
          <b lang="zh">{span.text.trim()}</b> {t(`notice.span.${span.kind}`)}
          {span.reason && <span className="faint"> {span.reason}</span>}
        </>
      ) : (
        <span className="faint">{t('notice.point')}</span>
      )}
    </p>
  );
}

function Panes({ pane, choose }: { pane: Pane; choose: (pane: Pane) => void }) {
  const { t } = useTranslation();
  const panes: Pane[] = ['readable', 'received', 'repaired'];
  return (
    <div className="notice-panes">
      <div className="notice-choose" role="group" aria-label={t('notice.layer')}>
        {panes.map((p) => (
          <button key={p} type="button" className={`notice-choose-${p}`} aria-pressed={pane === p} onClick={() => choose(p)}>
            {t(`notice.pane.${p}`)}
          </button>
        ))}
      </div>
      <h2 className="notice-readable-head">{t('notice.pane.readable')}</h2>
    </div>
  );
}

const numberAt = (target: EventTarget | null, name: 'i' | 'cj') => {
  const said = (target as Element | null)?.closest<HTMLElement>(`[data-${name}]`)?.dataset[name];
  return said === undefined ? null : Number(said);
};

/**
 * Lights the span under the pointer on both sides, and tells which; `pick` hears of a conjecture that was chosen, or
 * of null for a click elsewhere. On the elements themselves: eight hundred spans need neither listeners of their own
 * nor drawing anew. What can be done is a button, which a keyboard reaches.
 */
function usePointer(frame: HTMLElement | null, pick: (n: number | null) => void): number | null {
  const [lit, setLit] = useState<number | null>(null);
  const picked = useRef(pick);
  useEffect(() => {
    picked.current = pick;
  });
  useEffect(() => {
    if (!frame) return undefined;
    const light = (i: number | null) => {
      frame.querySelectorAll('.lit').forEach((e) => e.classList.remove('lit'));
      if (i !== null) frame.querySelectorAll(`[data-i="${i}"]`).forEach((e) => e.classList.add('lit'));
      setLit(i);
    };
    const over = (e: MouseEvent) => light(numberAt(e.target, 'i'));
    const leave = () => light(null);
    const click = (e: MouseEvent) => {
      if ((e.target as Element).closest('.cj-card')) return;
      light(numberAt(e.target, 'i'));
      picked.current(numberAt(e.target, 'cj'));
    };
    frame.addEventListener('mouseover', over);
    frame.addEventListener('mouseleave', leave);
    frame.addEventListener('click', click);
    return () => {
      frame.removeEventListener('mouseover', over);
      frame.removeEventListener('mouseleave', leave);
      frame.removeEventListener('click', click);
    };
  }, [frame]);
  return lit;
}

/** Which conjecture is open, and whether to go to where it stands. */
type Active = { n: number; seek: boolean } | null;

function Reading({ notice }: { notice: Text }) {
  const client = useQueryClient();
  const may = useMayInWhole('notice.import');
  const [pane, setPane] = useState<Pane>('readable');
  const [left, setLeft] = useState<Left>('received');
  const [active, setActive] = useState<Active>(null);
  const [frame, setFrame] = useState<HTMLElement | null>(null);
  const decide = useMutation({
    mutationFn: (d: { n: number; decision: 'accept' | 'refuse' }) => noticeDecide(notice.id, d.n, d.decision),
    onSuccess: (next, d) => {
      client.setQueryData(noticeRead(notice.id).queryKey, next);
      void client.invalidateQueries({ queryKey: noticeList().queryKey });
      goTo(nextOpen(next.conjectures, d.n));
    },
  });
  const show = (next: Active) => {
    decide.reset();
    if (next) setPane('readable');
    setActive(next);
  };
  const goTo = (n: number | null) => show(n === null ? null : { n, seek: true });
  const lit = usePointer(frame, (n) => show(n === null || n === active?.n ? null : { n, seek: false }));
  const choose = (next: Pane) => {
    show(null);
    setPane(next);
    if (next !== 'readable') setLeft(next);
  };
  const conjecture = notice.conjectures.find((c) => c.n === active?.n);
  const following = conjecture ? nextOpen(notice.conjectures, conjecture.n) : null;
  const close = () => {
    show(null);
    frame?.querySelector<HTMLElement>(`[data-cj="${conjecture?.n}"]`)?.focus();
  };
  return (
    <section className={`card notice-text notice-pane-${pane === 'readable' ? 'readable' : 'original'} notice-left-${left}`}>
      <Legend notice={notice} onNext={() => goTo(nextOpen(notice.conjectures, active?.n ?? 0))} />
      <Panes pane={pane} choose={choose} />
      <div ref={setFrame} className="notice-rows">
        <NoticeText notice={notice} left={left} />
        {conjecture && frame && (
          <ConjectureCard
            key={conjecture.n}
            conjecture={conjecture}
            count={notice.conjectures.length}
            frame={frame}
            seek={active?.seek ?? false}
            may={may}
            busy={decide.isPending}
            error={decide.error}
            onDecide={(decision) => decide.mutate({ n: conjecture.n, decision })}
            onNext={following !== null && following !== conjecture.n ? () => goTo(following) : null}
            onClose={close}
          />
        )}
      </div>
      <Strip span={lit === null ? null : (notice.spans[lit] ?? null)} />
    </section>
  );
}

export default function Notice() {
  const { id = '' } = useParams();
  const query = useQuery(noticeRead(id));
  return (
    <main className="page">
      <Show query={query}>
        {(notice) => (
          <>
            <Head notice={notice} />
            <div className="notice">
              <NoticeFacts notice={notice} />
              <Reading key={notice.id} notice={notice} />
            </div>
          </>
        )}
      </Show>
    </main>
  );
}
