import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { Problem } from '@/api/http';
import { briefLineage, sheetHistory, sheetRead, type At } from '@/api/queries';
import { useAbout, useMay, useSeesWhole } from '@/shared/about';
import type { PastBody, SheetBody } from '@/api/generated.schemas';
import { timeOf } from '@/shared/clock';
import { useHash } from '@/shared/hash';
import { said } from '@/shared/format';
import { StatusMark } from '@/shared/Mark';
import { Refusal, Show } from '@/shared/State';
import { useWho } from '@/shared/Who';
import { enterable } from './phone/fields';
import { fillTo } from './phone/fillTo';
import { PaperTools } from './PaperTools';
import { ScanAdd, Scans } from './Scans';
import { TakenIn } from './TakenIn';

/** A revision; what it changed in the order of the form. */
function RevisionRow({ r, inBrief, order, unit, named, at }: { r: PastBody; inBrief: boolean; order: string[]; unit: string; named: string | undefined; at: At }) {
  const { t } = useTranslation();
  const by = useWho(r.actor, named);
  const issuer = useWho(r.link?.by ?? '');
  return (
    <li className="revision" data-revision={r.revision}>
      <header>
        <b>{t('figure.revision', { n: r.revision })}</b>
        <span>{r.act && t(`act.${r.act}`)}</span>
        <time>
          {t('figure.reported_at')} {r.at.slice(0, 10)} {timeOf(r.at, true)}
        </time>
        <TakenIn revision={r} />
        <span data-by={r.link ? 'link' : 'actor'}>
          {by}
          {r.link && <span className="faint"> {t('figure.by_link', { by: issuer, at: `${r.link.at.slice(0, 10)} ${timeOf(r.link.at)}` })}</span>}
        </span>
        <span className="num faint">
          {t('figure.receipt')} {r.receipt}
        </span>
        {inBrief && (
          <span className="revision-brief" data-in-brief>
            ● {t('figure.in_brief')}
          </span>
        )}
      </header>
      {r.reason && (
        <p>
          <span className="faint">{t('figure.reason')}</span> {r.reason}
        </p>
      )}
      {r.remarks.map((w) => (
        <p key={w.element} data-remark={w.element}>
          <span className="faint">{t('figure.remark', { name: w.name })}</span> {w.text}
        </p>
      ))}
      {r.changes.length + r.words.length > 0 && (
        <ul className="revision-changes">
          {[...r.changes].sort((a, b) => order.indexOf(a.element) - order.indexOf(b.element)).map((c) => (
            <li key={c.element}>
              {c.name} {r.revision > 1 && <span className="num faint">{said(c.before)} → </span>}
              <b className="num">{said(c.after)}</b>
            </li>
          ))}
          {r.words.map((w) => (
            <li key={w.element}>
              {w.name} <b>{said(w.text || null)}</b>
            </li>
          ))}
        </ul>
      )}
      <Scans scans={r.scans} unit={unit} at={at} />
    </li>
  );
}

function SheetTable({ sheet }: { sheet: SheetBody }) {
  const { t } = useTranslation();
  return (
    <table className="sheet-table">
      <thead>
        <tr>
          <th>{t('phone.item')}</th>
          <th className="n">{t('phone.today')}</th>
          <th className="n">{t('phone.yesterday')}</th>
        </tr>
      </thead>
      <tbody>
        {sheet.fields.filter(enterable).map((f) =>
          f.class === 'text' ? (
            <tr key={f.element}>
              <td>{f.name}</td>
              {f.value ? <td colSpan={2}>{said(f.value)}</td> : <td className="n">—</td>}
            </tr>
          ) : (
            <tr key={f.element}>
              <td>{f.name}</td>
              <td className="n">
                <b>{said(f.value)}</b>
              </td>
              <td className="n faint">{said(f.yesterday)}</td>
            </tr>
          ),
        )}
      </tbody>
    </table>
  );
}

/** The unit's own sheet and every revision of it: when, by whom, why, with its receipt. A unit that reports nothing has none. */
export function FigureSheet({ unit, at, known }: { unit: string; at: At; known: string | null }) {
  const { t } = useTranslation();
  const sheet = useQuery(sheetRead(unit, at));
  const written = (sheet.data?.revision ?? 0) > 0;
  const history = useQuery({ ...sheetHistory(unit, at), enabled: written });
  const whole = useSeesWhole();
  const { about } = useAbout();
  // Not from a picture of the past, and not ahead of the day.
  const files = useMay('report.file', sheet.data && [...sheet.data.path.map((p) => p.code), unit]) && known === null && at.day <= about.today;
  // Who came from a frozen brief is shown which revision is in it: the receipt is the proof.
  const lineage = useQuery({ ...briefLineage(at.day, unit), enabled: written && known !== null && whole });
  const inBrief = new Set(lineage.data?.sheets.map((s) => s.receipt));
  const order = sheet.data?.fields.map((f) => f.element) ?? [];
  useHash('sheet', sheet.data !== undefined);
  if (sheet.isError) {
    const none = sheet.error instanceof Problem && (sheet.error.status === 404 || sheet.error.status === 422);
    return none ? <p className="faint figure-section">{t('figure.no_sheet')}</p> : <Refusal error={sheet.error} />;
  }
  if (!sheet.data) return null;
  // The figures above are of those below; the unit itself is asked for nothing, and said nothing.
  if (sheet.data.status === 'not_asked' && !written) return <p className="faint figure-section">{t('figure.no_sheet')}</p>;
  return (
    <section className="figure-two figure-section" id="sheet">
      <div className="card">
        <h2 className="card-pad">
          {t('figure.own_sheet')} <StatusMark status={sheet.data.status} />
        </h2>
        {files && sheet.data.of_another && (
          <p className="card-pad figure-fill faint" data-of-another>
            {t('figure.of_another')}
          </p>
        )}
        {files && !sheet.data.of_another && (
          <p className="card-pad figure-fill">
            <Link className="act" to={fillTo(unit, at.day, about.today, at.form === about.form ? null : at.form)} data-report>
              {t(written ? 'figure.correct' : 'figure.report')}
            </Link>
          </p>
        )}
        <SheetTable sheet={sheet.data} />
        {sheet.data.act && (
          <div className="card-pad">
            <PaperTools unit={unit} at={at} />
          </div>
        )}
      </div>
      <div className="card">
        <h2 className="card-pad">{t('figure.history')}</h2>
        {files && written && <ScanAdd unit={unit} at={at} />}
        {sheet.data.revision === 0 ? (
          <p className="card-pad faint">{t('figure.no_history')}</p>
        ) : (
          <Show query={history}>{(h) => <ol>{[...h.revisions].sort((a, b) => b.revision - a.revision).map((r) => <RevisionRow key={r.revision} r={r} inBrief={inBrief.has(r.receipt)} order={order} unit={unit} named={sheet.data?.unit.name} at={at} />)}</ol>}</Show>
        )}
      </div>
    </section>
  );
}
