import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import type { BriefCorrection, BriefDoc } from '@/api/generated.schemas';
import { timeOf } from '@/shared/clock';
import { useHash } from '@/shared/hash';
import { count, said } from '@/shared/format';
import { Mark } from '@/shared/Mark';
import { BriefLink } from './BriefLink';

const anew = (c: BriefCorrection) => c.revision > 1;
/** How many reports they are of: one report may change several figures, each a line. */
export const reports = (all: BriefCorrection[]) => new Set(all.map((c) => [c.code ?? c.unit, c.day, c.revision, c.at].join(' '))).size;

/** A part of the brief with its lines; an empty part says so and stays. */
function Part<T>({ id, title, items = [], narrow, children }: { id?: string; title: string; items: T[] | undefined; narrow?: boolean; children: (item: T, i: number, all: T[]) => React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <section id={id}>
      <h2>{title}</h2>
      {items.length === 0 ? <p className="faint">{t('brief.none')}</p> : <ul className={narrow ? 'brief-list brief-list-narrow' : 'brief-list'}>{items.map(children)}</ul>}
    </section>
  );
}

export function BriefLists({ doc }: { doc: BriefDoc }) {
  const { t } = useTranslation();
  useHash('corrections', true);
  const corrections = [...(doc.corrections ?? [])].sort((a, b) => Number(anew(b)) - Number(anew(a)));
  return (
    <>
      <Part title={t(doc.frozen ? 'brief.absent' : 'brief.absent_yet', { n: doc.absent?.length ?? 0 })} items={doc.absent} narrow>
        {(a, i) => (
          <li key={`${a.unit}${i}`}>
            <Mark tone={a.status === 'late' ? 'warn' : 'bad'}>{t(a.status === 'missing' && !doc.frozen ? 'figure.missing' : `status.${a.status}`)}</Mark> <BriefLink unit={a.code}>{a.unit}</BriefLink> <span className="faint">{a.path}</span>
            {a.at && <span className="num faint"> {timeOf(a.at)}</span>}
          </li>
        )}
      </Part>
      <Part title={t('brief.contradictions', { n: doc.contradictions?.length ?? 0 })} items={doc.contradictions}>
        {(c, i) => (
          <li key={`${c.unit}${i}`}>
            <b>
              <BriefLink unit={c.code}>{c.unit}</BriefLink>
            </b>{' '}
            {c.text}
          </li>
        )}
      </Part>
      <Part title={t('brief.disagreements', { n: doc.disagreements?.length ?? 0 })} items={doc.disagreements}>
        {(d) => (
          <li key={d.unit + d.element} className="num">
            <b>
              <BriefLink unit={d.code}>{d.unit}</BriefLink>
            </b>{' '}
            {d.element}: {t('brief.disagree', { stated: count(d.stated), parts: count(d.parts), said: count(d.said) })}
          </li>
        )}
      </Part>
      <Part id="corrections" title={t('brief.corrections', { n: count(reports(corrections)) })} items={corrections}>
        {(c, i, all) => (
          <Fragment key={c.unit + c.element + c.at}>
            {/* A report said anew and a first one that came when its day was closed are two things: each with its count. */}
            {(i === 0 || anew(all[i - 1]!) !== anew(c)) && (
              <li className="brief-sub" data-anew={anew(c)}>
                {t(anew(c) ? 'brief.anew' : 'brief.first', { n: count(reports(all.filter((x) => anew(x) === anew(c)))) })}
              </li>
            )}
            <li>
              <b>
                <BriefLink unit={c.code}>{c.unit}</BriefLink>
              </b>{' '}
              <span className="num">
                {c.day} {c.element} {said(c.before)} → {said(c.after)} · {t('figure.revision', { n: c.revision })} · {timeOf(c.at)}
              </span>
              {c.reason && (
                <>
                  <br />
                  <span className="faint">{c.reason}</span>
                </>
              )}
            </li>
          </Fragment>
        )}
      </Part>
    </>
  );
}
