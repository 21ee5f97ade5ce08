// Those who have not reported, by unit, by place or by class: whom to ring, and one text for the chat.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { briefRead, classList, missingList, totalsChildren, totalsRead, type At } from '@/api/queries';
import type { MissingBody as MissingPage, MissingUnit } from '@/api/generated.schemas';
import { useAbout, useAt, useMay, useOwnUnit, useSeesWhole } from '@/shared/about';
import { useCopy } from '@/shared/copy';
import { count } from '@/shared/format';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { useOwnName } from './FigureChildren';
import { fillTo } from './phone/fillTo';
import { Remind } from './Remind';
import './missing.css';

const PAGE = 100;
const AXES = ['unit', 'place', 'class'] as const;
type Axis = (typeof AXES)[number];

const axisOf = (node: string): Axis => AXES.find((a) => node.startsWith(`${a}:`)) ?? 'unit';

/** The address of this page about another node, all else kept. */
function useTo(): (node: string | null) => string {
  const [params] = useSearchParams();
  return (node) => {
    const next = new URLSearchParams(params);
    if (node === null) next.delete('node');
    else next.set('node', node);
    return `/missing?${next.toString()}`;
  };
}

function Reminder({ text, children }: { text: string; children: React.ReactNode }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  return (
    <div className="card card-pad missing-reminder">
      <button type="button" className="act" onClick={() => copy(text)} data-copy>
        {copied === 'yes' ? `✓ ${t('missing.copied')}` : t('missing.copy')}
      </button>
      {children}
      {copied === 'failed' && <p className="mark-bad small">▲ {t('missing.copy_failed')}</p>}
      <details open={copied === 'failed'}>
        <summary>{t('missing.preview')}</summary>
        <pre className="pre small">{text}</pre>
      </details>
    </div>
  );
}

/** Line and place: the same absent units, cut another way. */
function Axes({ axis }: { axis: Axis }) {
  const { t } = useTranslation();
  const at = useAt();
  const to = useTo();
  const provinces = useQuery(totalsChildren('place:all', at)).data?.items;
  const classes = useQuery(classList());
  // Where all stand in one province, its cities are what a reader wants to see; where nobody has a place, nothing is.
  const only = provinces?.length === 1 ? provinces[0] : undefined;
  const placed = provinces?.some((p) => !p.own);
  const first: Record<Axis, string | null | undefined> = {
    unit: null,
    place: only && placed ? `place:${only.node.code}` : placed ? 'place:all' : undefined,
    class: classes.data?.items[0] && `class:${classes.data.items[0].code}`,
  };
  return (
    <nav className="missing-axes" aria-label={t('missing.axes')}>
      {AXES.filter((a) => first[a] !== undefined).map((a) => (
        <Link key={a} to={to(first[a] ?? null)} aria-current={a === axis ? 'page' : undefined} data-axis={a}>
          {t(`missing.axis.${a}`)}
        </Link>
      ))}
    </nav>
  );
}

function Groups({ first, node, axis }: { first: MissingPage; node: string; axis: Axis }) {
  const { t } = useTranslation();
  const to = useTo();
  const classes = useQuery({ ...classList(), enabled: axis === 'class' });
  const ownName = useOwnName();
  const top = `unit:${useOwnUnit()}`;
  const here = (n: string) => (node === n ? 'page' : undefined);
  const name = (n: string, own: string) => (n === top ? t('missing.all') : own);
  return (
    <nav className="card missing-groups" aria-label={t('missing.by_group')}>
      {axis === 'class' ? (
        classes.data?.items.map((c) => (
          <Link key={c.code} to={to(`class:${c.code}`)} aria-current={here(`class:${c.code}`)}>
            <span>{c.name}</span>
            {here(`class:${c.code}`) && <b className="num">{count(first.missing)}</b>}
          </Link>
        ))
      ) : (
        <>
          {first.path.map((p) => (
            <Link key={p.node} to={to(p.node === top ? null : p.node)}>
              <span>‹ {name(p.node, p.name)}</span>
            </Link>
          ))}
          <Link to={to(node)} aria-current="page">
            <span>{name(node, first.label.name || first.label.code)}</span>
            <b className="num">{count(first.missing)}</b>
          </Link>
          {first.groups.map((g) =>
            g.own ? (
              <p key="own" data-own-report>
                <span>{ownName(node, g.unit)}</span>
                <b className="num">{count(g.missing)}</b>
              </p>
            ) : (
              <Link key={g.node} to={to(g.node)}>
                <span>{g.unit.name}</span>
                <b className="num">{count(g.missing)}</b>
              </Link>
            ),
          )}
        </>
      )}
    </nav>
  );
}

/** The child of the node that a unit lies under, or itself where it is one. */
const heading = (m: MissingUnit | undefined) => (m?.path[1] ?? m?.unit)?.name;

function Rows({ pages, headings }: { pages: MissingPage[]; headings: boolean }) {
  const { t } = useTranslation();
  const at = useAt();
  const { about } = useAbout();
  const files = useMay('report.file') && at.day <= about.today;
  const items = pages.flatMap((p) => p.items);
  const people = items.some((m) => typeof m.people === 'number');
  return (
    <table className="sheet-table missing-table">
      <thead>
        <tr>
          <th>{t('missing.unit')}</th>
          <th>{t('missing.under')}</th>
          <th>{t('missing.post')}</th>
          <th>{t('missing.phone')}</th>
          {people && <th className="n">{t('missing.people')}</th>}
          {files && <th aria-label={t('figure.report')} />}
        </tr>
      </thead>
      <tbody>
        {items.map((m, i) => (
          <Fragment key={m.unit.code}>
            {headings && heading(items[i - 1]) !== heading(m) && (
              <tr className="missing-group">
                <th colSpan={4 + Number(people) + Number(files)} scope="rowgroup">
                  {heading(m)}
                </th>
              </tr>
            )}
            <tr>
              <td>
                <Link to={`/figure?node=unit:${encodeURIComponent(m.unit.code)}&day=${at.day}`}>{m.unit.name}</Link>
              </td>
              <td className="faint">
                {m.path
                  .slice(headings ? 2 : 1)
                  .map((p) => p.name)
                  .join(' / ')}
              </td>
              <td>{m.post ?? t('missing.no_post')}</td>
              <td className="num missing-phone">{m.duty_phone ? <a href={`tel:${m.duty_phone}`}>{m.duty_phone}</a> : t('missing.no_phone')}</td>
              {people && (
                <td className="n" data-label={t('missing.people')}>
                  {count(m.people)}
                </td>
              )}
              {files && (
                <td className="missing-fill">
                  <Link to={fillTo(m.unit.code, at.day, about.today, at.form === about.form ? null : at.form)} aria-label={`${t('figure.report')}: ${m.unit.name}`} data-report={m.unit.code}>
                    {t('missing.report')}
                  </Link>
                </td>
              )}
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** Who came after the cut-off is not missing here any more; in the brief, which was frozen before, they still are. */
function Since({ first, at, top }: { first: MissingPage; at: At; top: boolean }) {
  const { t } = useTranslation();
  const whole = useSeesWhole();
  const late = useQuery({ ...totalsRead(first.node, at), enabled: first.frozen }).data?.late ?? 0;
  const brief = useQuery({ ...briefRead(at.day, at.form), enabled: first.frozen && late > 0 && top && whole }).data;
  if (late === 0) return null;
  return (
    <>
      <span className="num" data-late>
        {t('missing.late', { n: count(late) })}
      </span>
      {brief?.frozen && brief.rates.missing !== first.missing && (
        <Link to={`/brief/${at.day}`} data-in-brief>
          {t('missing.in_brief', { n: count(brief.rates.missing) })}
        </Link>
      )}
    </>
  );
}

export default function Missing() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const at = useAt();
  const [params] = useSearchParams();
  const top = `unit:${useOwnUnit()}`;
  const node = params.get('node') ?? top;
  const axis = axisOf(node);
  const query = useInfiniteQuery(missingList(node, at, PAGE));
  const pages = query.data?.pages;
  const first = pages?.[0];
  if (!first || !pages) {
    return (
      <main className="page">
        <h1 className="visually-hidden">{t('nav.missing')}</h1>
        <Axes axis={axis} />
        {query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />}
      </main>
    );
  }
  const total = first.missing;
  return (
    <main className="page">
      <div className="page-head">
        <h1>
          {/* Once the day is frozen they are missing; before, they still may report. */}
          {t(first.frozen ? 'missing.title_frozen' : 'missing.title', { count: total })}
          {params.get('node') && <span className="missing-where">{first.label.name || first.label.code}</span>}
        </h1>
        <span className="num faint">{t('missing.of', { n: count(first.expected) })}</span>
        <Since first={first} at={at} top={node === top} />
        {about.simulated && <span className="faint">{t('missing.fictional')}</span>}
      </div>
      <Axes axis={axis} />
      <div className="missing">
        <aside>
          {total > 0 && (
            <Reminder text={first.reminder_text}>
              <Remind key={`${first.node} ${at.day} ${at.form ?? ''}`} node={first.node} at={at} />
            </Reminder>
          )}
          <Groups first={first} node={node} axis={axis} />
        </aside>
        <section className="card">
          {total === 0 ? <Nothing>{t('missing.none')}</Nothing> : <Rows pages={pages} headings={axis === 'unit'} />}
          {query.hasNextPage && (
            <button type="button" className="plain missing-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('missing.more')}
            </button>
          )}
        </section>
      </div>
    </main>
  );
}
