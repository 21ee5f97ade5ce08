// The day's brief as leaders read it: three sentences, four numbers, then what stands behind them. Nothing of it can be
// left out: where a part is empty, the page says "none".
import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { Problem } from '@/api/http';
import { briefRead, deskRead, formRead } from '@/api/queries';
import type { BriefDoc, BriefNumber } from '@/api/generated.schemas';
import { useAbout, useSeesWhole } from '@/shared/about';
import { timeOf, usePast } from '@/shared/clock';
import { DayPicker } from '@/shared/DayPicker';
import { count, useDayText } from '@/shared/format';
import { LineChart } from '@/shared/LineChart';
import { useNamed } from '@/shared/names';
import { Nothing, Show } from '@/shared/State';
import { BriefLink, BriefOf } from './BriefLink';
import { BriefLists } from './BriefLists';
import { BriefNarrative } from './BriefNarrative';
import { BriefTables, signed } from './BriefTables';
import { BriefTools } from './BriefTools';
import { useThen } from './Change';
import './brief.css';

function FirstPage({ doc }: { doc: BriefDoc }) {
  const { t } = useTranslation();
  const dayText = useDayText();
  const then = useThen();
  const since = ({ delta, other_units: other }: BriefNumber) => {
    if (!other) return `${t('brief.delta')} ${signed(delta)}`;
    const same = other.same_units;
    return same?.units ? t('brief.same_units', { change: signed(same.change), n: count(same.units) }) : t('figure.not_same');
  };
  return (
    <>
      <header className="brief-head">
        <p className="brief-office">{doc.office}</p>
        <h1>{doc.title}</h1>
        <p className="brief-line num">
          <span>{doc.number}</span>
          <span>{dayText(doc.day)}</span>
          <span>{t('brief.as_of', { at: doc.as_of.slice(0, 16).replace('T', ' ') })}</span>
        </p>
      </header>
      <ol className="brief-sentences">
        {doc.sentences?.map((s) => (
          <li key={s}>{s}</li>
        ))}
      </ol>
      <ul className="brief-numbers">
        {doc.numbers?.map((n) => (
          <li key={n.name}>
            <span>{n.name}</span>
            <b className="num">
              <BriefLink element={n.code}>{count(n.value)}</BriefLink>
              <small>{n.unit}</small>
            </b>
            <span className="num">{since(n)}</span>
            <span className="num faint">{t('desk.base', { said: count(n.said), base: count(n.base) })}</span>
            {n.other_units && <span className="num faint">{then(n.other_units.value, n.other_units.said, n.other_units.base)}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Paper({ doc, writing, onWriting }: { doc: BriefDoc; writing: boolean; onWriting: (now: boolean) => void }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  return (
    <BriefOf.Provider value={{ ...doc, root: about.root }}>
    <article className="card brief" data-frozen={doc.frozen}>
      {doc.simulated && <p className="brief-simulated">{t('shell.simulated')}</p>}
      <FirstPage doc={doc} />
      <BriefTables doc={doc} part="totals" />
      <section>
        <h2>{doc.chart?.title}</h2>
        <LineChart days={doc.chart?.days ?? []} lines={doc.chart?.series ?? []} label={doc.chart?.title ?? ''} height={230} />
      </section>
      <BriefTables doc={doc} part="groups" />
      <BriefLists doc={doc} />
      <BriefNarrative doc={doc} writing={writing} onWriting={onWriting} />
      <footer className="faint small">
        <p>{t('brief.lineage', { units: count(doc.lineage.units), revisions: count(doc.lineage.revisions), heads: doc.lineage.heads ?? '' })}</p>
        {doc.digest && <p className="num brief-digest">{doc.digest}</p>}
      </footer>
    </article>
    </BriefOf.Provider>
  );
}

/** A brief is of the whole: who stands below the top has none, and is told so instead of being refused. */
export default function Brief() {
  const { t } = useTranslation();
  if (useSeesWhole()) return <Whole />;
  return (
    <main className="page page-narrow">
      <h1>{t('nav.brief')}</h1>
      <Nothing>{t('brief.whole_only')}</Nothing>
    </main>
  );
}

function Whole() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const { day = about.today } = useParams();
  const navigate = useNavigate();
  // A day that has not begun has no figures, not figures of zero.
  const begun = day <= about.today;
  const query = useQuery({ ...briefRead(day, about.form), enabled: begun });
  const notAsked = query.error instanceof Problem && query.error.body.code === 'form.not_assigned';
  const formName = useQuery({ ...formRead(about.form, about.today), enabled: notAsked }).data?.names;
  const named = useNamed();
  const dayText = useDayText();
  const frozen = query.data?.frozen ?? false;
  // The cut-off of a day that is still open: before it nobody can freeze the day.
  const desk = useQuery({ ...deskRead({ day, form: about.form }), enabled: query.data !== undefined && !frozen });
  const cutOff = desk.data?.day === day ? desk.data.cut_off : undefined;
  const past = usePast(cutOff);
  const [writing, setWriting] = useState(false);
  const go = (d: string) => void navigate(`/brief/${d}`);
  const step = (by: number) => go(dayjs(day).add(by, 'day').format('YYYY-MM-DD'));
  return (
    <main className="page page-narrow">
      <div className="brief-tools">
        <span className="brief-days">
          <button type="button" className="plain" onClick={() => step(-1)} aria-label={t('day.before')}>
            ‹
          </button>
          <DayPicker day={day} onDay={go} />
          <button type="button" className="plain" onClick={() => step(1)} disabled={day >= about.today} aria-label={t('day.after')}>
            ›
          </button>
        </span>
        {begun && !query.isError && (
          <BriefTools
            day={day}
            frozen={frozen}
            ready={query.data !== undefined}
            tooEarly={frozen || past || desk.isError ? undefined : cutOff ? timeOf(cutOff) : ''}
            onWrite={() => {
              setWriting(true);
              document.getElementById('narrative')?.scrollIntoView();
            }}
          />
        )}
      </div>
      {!begun || notAsked ? (
        <>
          <h1 className="visually-hidden">{t('nav.brief')}</h1>
          <Nothing>{begun ? t('brief.not_asked', { form: formName ? named(formName) : about.form, day: dayText(day) }) : t('brief.not_begun', { day: dayText(day) })}</Nothing>
        </>
      ) : (
        <Show query={query}>{(doc) => <Paper doc={doc} writing={writing} onWriting={setWriting} />}</Show>
      )}
    </main>
  );
}
