// A frozen brief beside the figures now: what is another figure, whose sheets made it one, and what changed in the tree.
import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { briefCompare } from '@/api/queries';
import type { CauseBody, DifferenceBody } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';
import { count, said } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { Who } from '@/shared/Who';
import { useWord } from '@/shared/word';

const NAMED = 3;
const SHOWN = 20;

/** A list that begins short: what comes after it must not be far away. */
function Short<T>({ items, children }: { items: T[]; children: (item: T) => React.ReactNode }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  return (
    <>
      <ul className="brief-list num">{(all ? items : items.slice(0, SHOWN)).map(children)}</ul>
      {items.length > SHOWN && (
        <button type="button" className="plain brief-short" aria-expanded={all} onClick={() => setAll(!all)}>
          {t(all ? 'desk.requests_less' : 'desk.requests_all', { n: count(items.length) })}
        </button>
      )}
    </>
  );
}

/** A sheet that changed, by its unit; it opens that unit's sheet with every revision of it. */
function Sheet({ cause, day }: { cause: CauseBody; day: string }) {
  return (
    <Link className="brief-link" to={`/figure?node=unit:${encodeURIComponent(cause.unit)}&day=${day}#sheet`}>
      {cause.name}
    </Link>
  );
}

/** Why a figure is another now: whose sheets changed it, or that the tree did. */
function Why({ of, causes, day }: { of: DifferenceBody; causes: CauseBody[]; day: string }) {
  const { t } = useTranslation();
  const sheets = of.causes.flatMap((i) => causes[i] ?? []);
  if (sheets.length === 0) return of.causes.length === 0 ? <span className="faint"> {t('brief.why_tree')}</span> : null;
  return (
    <span className="faint" data-why>
      {' '}
      {sheets.slice(0, NAMED).map((c, i) => (
        <Fragment key={c.unit + c.scope}>
          {i > 0 && t('list.comma')}
          <Sheet cause={c} day={day} />
        </Fragment>
      ))}
      {sheets.length > NAMED && ` ${t('brief.why_more', { n: count(sheets.length - NAMED) })}`}
    </span>
  );
}

/** The sheets that changed since the freeze: which revision was frozen, which there is now, its receipt and what moved. */
function Causes({ causes, more, day }: { causes: CauseBody[]; more: boolean; day: string }) {
  const { t } = useTranslation();
  if (causes.length === 0) return null;
  const revision = (n: number | null | undefined) => (typeof n === 'number' ? t('figure.revision', { n }) : t('brief.no_sheet'));
  return (
    <section data-causes>
      <h2>{t('brief.causes', { n: count(causes.length) + (more ? '+' : '') })}</h2>
      <Short items={causes}>
        {(c) => (
          <li key={c.unit + c.scope} data-cause={c.unit}>
            <Sheet cause={c} day={day} />{' '}
            <span className="faint">
              {revision(c.revision_frozen)} → {revision(c.revision_now)}
              {c.receipt && ` · ${t('figure.receipt')} ${c.receipt}`}
              {c.at && ` · ${c.at.slice(0, 16).replace('T', ' ')}`}
            </span>
            <br />
            {c.changes.map((x) => `${x.element} ${said(x.before)} → ${said(x.after)}`).join(t('list.comma'))}
          </li>
        )}
      </Short>
    </section>
  );
}

export function BriefCompare({ day }: { day: string }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const word = useWord();
  const query = useQuery(briefCompare(day, about.form));
  return (
    <>
      <button type="button" className="plain" onClick={() => void query.refetch()} disabled={query.isFetching} data-compare>
        {t('brief.compare')}
      </button>
      {query.isError && <Refusal error={query.error} />}
      {query.data && (
        <div className="card card-pad brief-compare" role="status">
          {query.data.differences.length === 0 ? (
            <p className="mark-good">● {t('brief.same')}</p>
          ) : (
            <>
              <p className="mark-warn">◆ {t('brief.differs', { count: query.data.differences.length })}</p>
              {!query.data.intact && <p className="mark-bad">▲ {t('brief.not_intact')}</p>}
              <Short items={query.data.differences}>
                {(d) => (
                  <li key={d.part + d.name + (d.unit ?? '')}>
                    {d.unit} {d.name}: {said(d.frozen)} → {said(d.now)}
                    <Why of={d} causes={query.data.causes} day={day} />
                  </li>
                )}
              </Short>
              <Causes causes={query.data.causes} more={query.data.more} day={day} />
            </>
          )}
          {query.data.tree.length > 0 && (
            <>
              <p className="mark-warn">◆ {t('brief.tree_since')}</p>
              <ul className="brief-list num" data-tree-since>
                {query.data.tree.map((c) => (
                  <li key={c.at + c.action + (c.unit ?? '')}>
                    {t('brief.tree_from', { day: c.since })} {word('action', c.action)} {c.name ?? ''} {c.unit ?? ''}
                    {c.to ? ` → ${c.to}` : ''}{' '}
                    <span className="faint">
                      {c.at.slice(0, 16).replace('T', ' ')} <Who actor={c.actor} />
                    </span>
                  </li>
                ))}
                {query.data.tree_more && <li>…</li>}
              </ul>
            </>
          )}
        </div>
      )}
    </>
  );
}
