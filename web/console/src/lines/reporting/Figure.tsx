// A figure opened: what it is made of, group → firm → site → the sheet and its revisions.
// Everything that the page shows is in its address, so the address can be sent.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { formRead, totalsRead } from '@/api/queries';
import type { Totals } from '@/api/generated.schemas';
import { useAbout, useAt, useOwnUnit } from '@/shared/about';
import { useAddress } from '@/shared/address';
import { useCopy } from '@/shared/copy';
import { DayPicker, InstantPicker } from '@/shared/DayPicker';
import { count, delta, percent } from '@/shared/format';
import { Show } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Change } from './Change';
import { FigureChart } from './FigureChart';
import { FigureChildren } from './FigureChildren';
import { FigureSheet } from './FigureSheet';
import { RateOf } from './RateOf';
import './figure.css';

/** The way down to the node; the node itself is what the page is about. */
function Crumbs({ totals }: { totals: Totals }) {
  const { t } = useTranslation();
  const [params] = useAddress();
  const to = (node: string) => {
    const next = new URLSearchParams(params);
    next.set('node', node);
    return `/figure?${next.toString()}`;
  };
  return (
    <nav className="crumbs" aria-label={t('figure.path')}>
      {totals.path?.map((p) => (
        <Link key={p.node} to={to(p.node)}>
          {p.name}
        </Link>
      ))}
      <h1>{totals.node.name}</h1>
    </nav>
  );
}

function Elements({ totals, element, onElement }: { totals: Totals; element: string; onElement: (e: string) => void }) {
  const { t } = useTranslation();
  const word = useWord();
  const stated = totals.elements.some((e) => e.stated !== null && e.stated !== undefined);
  return (
    <table className="sheet-table figure-elements">
      <thead>
        <tr>
          <th>{t('figure.element')}</th>
          <th className="n">{t('figure.value')}</th>
          {stated && <th className="n">{t('figure.stated')}</th>}
          {stated && <th className="n">{t('figure.parts_sum')}</th>}
          <th className="n figure-yesterday">{t('phone.yesterday')}</th>
          <th className="n">{t('figure.change')}</th>
          <th className="n">{t('figure.base')}</th>
        </tr>
      </thead>
      <tbody>
        {totals.elements.map((e) => (
          <tr key={e.element} aria-selected={e.element === element}>
            <td>
              <button type="button" className="figure-pick" onClick={() => onElement(e.element)}>
                {e.name}
              </button>
              {e.rate && <RateOf rate={e.rate} base={e.base} />}
            </td>
            <td className="n figure-value">
              <b>{count(e.value)}</b> <span className="faint">{word('unit', e.unit, e.value)}</span>
            </td>
            {stated && (
              <td className="n" data-label={t('figure.stated')}>
                {count(e.stated)}
                {e.stated !== null && e.stated !== undefined && e.stated !== e.parts && <span className="mark mark-warn"> ◆ {delta(e.stated, e.parts ?? null)}</span>}
              </td>
            )}
            {stated && (
              <td className="n" data-label={t('figure.parts_sum')}>
                {count(e.parts)}
              </td>
            )}
            {/* On a phone the change says what yesterday was; where there is none, yesterday stands there too. */}
            <td className={e.other_units ? 'n faint' : 'n faint figure-yesterday'} data-label={t('phone.yesterday')}>
              {count(e.yesterday)}
              {typeof e.yesterday_said === 'number' && (
                <small className="figure-then">
                  {count(e.yesterday_said)}/{count(e.yesterday_base)}
                </small>
              )}
            </td>
            <td className="n" data-label={t('figure.change')}>
              <Change of={e} />
            </td>
            <td className="n faint" data-label={t('figure.base')}>
              {count(e.said)}/{count(e.base)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Where somebody has told a total of their own: which of the two counts, by the form's rule, and how many are in it how. */
function Counted({ totals }: { totals: Totals }) {
  const { t } = useTranslation();
  const { by_statements: stated, by_parts: parts } = totals.coverage;
  const told = totals.has_statement || stated > 0;
  const form = useQuery({ ...formRead(totals.form, totals.day), enabled: told });
  if (!told) return null;
  return (
    <p className="card-pad faint" data-counted={form.data?.counting}>
      {form.data && t(`figure.counting.${form.data.counting}`)} {t('figure.coverage', { stated: count(stated), parts: count(parts) })}
    </p>
  );
}

function Rates({ totals }: { totals: Totals }) {
  const { t } = useTranslation();
  const { expected, actual, actual_on_time: onTime } = totals.rates;
  // Of days that were taken in afterwards nobody knows who was in time.
  const judged = expected === 0 || totals.rates.reporting_rate_on_time !== null;
  const facts: [string, string, string?][] = [
    [t('figure.expected'), count(expected)],
    [t('figure.actual'), count(actual), percent(actual, expected)],
    judged ? [t('figure.on_time'), count(onTime), percent(onTime, expected)] : [t('figure.on_time'), t('figure.afterwards')],
    [t('figure.zero'), count(totals.zero)],
    [t(totals.frozen ? 'status.missing' : 'figure.missing'), count(totals.missing)],
  ];
  return (
    <dl className="figure-rates">
      {facts.map(([name, value, rate]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="num">
            <b>{value}</b> {rate && <span className="faint">{rate}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Whether there is more to show than one sheet: several are asked, or somebody tells a total of their own. */
const hasParts = (totals: Totals) => totals.rates.expected > 1 || totals.has_statement || totals.coverage.by_statements > 0;

export default function Figure() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const at = useAt();
  const [params, change] = useAddress();
  const own = useOwnUnit();
  const node = params.get('node') ?? `unit:${own}`;
  const known = params.get('known');
  const totals = useQuery(totalsRead(node, at, known ?? undefined));
  const [copied, copy] = useCopy();
  const element = params.get('element') ?? totals.data?.elements[0]?.element ?? '';
  const name = totals.data?.elements.find((e) => e.element === element)?.name ?? element;
  return (
    <main className="page">
      {totals.data ? <Crumbs totals={totals.data} /> : <h1 className="visually-hidden">{t('nav.figure')}</h1>}
      <div className="figure-tools">
        <DayPicker day={at.day} onDay={(day) => change({ day, known: null })} />
        <label>
          <span className="faint">{t('figure.known')}</span> <InstantPicker at={known} offset={about.now.slice(-6)} onInstant={(at) => change({ known: at })} />
        </label>
        <button type="button" className="plain" onClick={() => copy(location.href)}>
          {copied === 'yes' ? `✓ ${t('missing.copied')}` : t('figure.copy')}
        </button>
      </div>
      {known && <p className="figure-known">◆ {t('figure.known_note', { at: known.slice(0, 16).replace('T', ' ') })}</p>}
      {(totals.data?.tree_changes_since ?? 0) > 0 && (
        <p className="figure-known" data-tree-since>
          ◆ {t('figure.tree_since')}
        </p>
      )}
      <Show query={totals}>
        {(d) => (
          <>
            <Rates totals={d} />
            {hasParts(d) && (
              <div className="figure-two">
                <section className="card scroll-x">
                  <Elements totals={d} element={element} onElement={(e) => change({ element: e })} />
                  <Counted totals={d} />
                </section>
                <div className="figure-right">
                  <FigureChart node={node} element={element} at={at} name={name} />
                  <FigureChildren node={node} element={element} at={at} known={known} />
                </div>
              </div>
            )}
            {node.startsWith('unit:') && <FigureSheet unit={node.slice(5)} at={at} known={known} />}
            {!hasParts(d) && <FigureChart node={node} element={element} at={at} name={name} />}
          </>
        )}
      </Show>
    </main>
  );
}
