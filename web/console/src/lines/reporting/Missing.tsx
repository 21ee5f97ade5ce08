// Those who have not reported: whom to ring, in the order of the tree, and one text for the chat.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { missingList } from '@/api/queries';
import type { MissingBody as MissingPage, MissingUnit } from '@/api/generated';
import { useAbout, useAt } from '@/shared/about';
import { useCopy } from '@/shared/copy';
import { count } from '@/shared/format';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import './missing.css';

const PAGE = 100;

function Reminder({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, copy] = useCopy();
  return (
    <div className="card card-pad missing-reminder">
      <button type="button" className="act" onClick={() => copy(text)} data-copy>
        {copied === 'yes' ? `✓ ${t('missing.copied')}` : t('missing.copy')}
      </button>
      {copied === 'failed' && <p className="mark-bad small">▲ {t('missing.copy_failed')}</p>}
      <details open={copied === 'failed'}>
        <summary>{t('missing.preview')}</summary>
        <pre className="pre small">{text}</pre>
      </details>
    </div>
  );
}

function Groups({ first, node }: { first: MissingPage; node: string }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const [params] = useSearchParams();
  const to = (code: string) => {
    const next = new URLSearchParams(params);
    next.set('node', `unit:${code}`);
    return `/missing?${next.toString()}`;
  };
  return (
    <nav className="card missing-groups" aria-label={t('missing.by_group')}>
      <Link to={to(about.root)} aria-current={node === `unit:${about.root}` ? 'page' : undefined}>
        <span>{t('missing.all')}</span>
      </Link>
      {first.groups.map((g) => (
        <Link key={g.unit.code} to={to(g.unit.code)} aria-current={node === `unit:${g.unit.code}` ? 'page' : undefined}>
          <span>{g.unit.name}</span>
          <b className="num">{g.missing}</b>
        </Link>
      ))}
    </nav>
  );
}

/** The child of the node that a unit lies under, or itself where it is one. */
const heading = (m: MissingUnit | undefined) => (m?.path[1] ?? m?.unit)?.name;

function Rows({ pages }: { pages: MissingPage[] }) {
  const { t } = useTranslation();
  const items = pages.flatMap((p) => p.items);
  return (
    <table className="sheet-table missing-table">
      <thead>
        <tr>
          <th>{t('missing.unit')}</th>
          <th>{t('missing.under')}</th>
          <th>{t('missing.post')}</th>
          <th>{t('missing.phone')}</th>
          <th className="n">{t('missing.people')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((m, i) => (
          <Fragment key={m.unit.code}>
            {heading(items[i - 1]) !== heading(m) && (
              <tr className="missing-group">
                <th colSpan={5} scope="rowgroup">
                  {heading(m)}
                </th>
              </tr>
            )}
            <tr>
              <td>
                <Link to={`/figure?node=unit:${encodeURIComponent(m.unit.code)}`}>{m.unit.name}</Link>
              </td>
              <td className="faint">{m.path.slice(2).map((p) => p.name).join(' / ')}</td>
              <td>{m.post ?? t('missing.no_post')}</td>
              <td className="num missing-phone">{m.duty_phone ? <a href={`tel:${m.duty_phone}`}>{m.duty_phone}</a> : t('missing.no_phone')}</td>
              <td className="n" data-label={t('missing.people')}>
                {count(m.people)}
              </td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

export default function Missing() {
  const { t } = useTranslation();
  const { about } = useAbout();
  const at = useAt();
  const [params] = useSearchParams();
  const node = params.get('node') ?? `unit:${about.root}`;
  const query = useInfiniteQuery(missingList(node, at, PAGE));
  const pages = query.data?.pages;
  const first = pages?.[0];
  const total = first?.missing ?? 0;
  if (!first || !pages) return <main className="page">{query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />}</main>;
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('missing.title', { n: count(total) })}</h1>
        {about.simulated && <span className="faint">{t('missing.fictional')}</span>}
      </div>
      {total === 0 ? (
        <Nothing>{t('missing.none')}</Nothing>
      ) : (
        <div className="missing">
          <aside>
            <Reminder text={first.reminder_text} />
            <Groups first={first} node={node} />
          </aside>
          <section className="card">
            <Rows pages={pages} />
            {query.hasNextPage && (
              <button type="button" className="plain missing-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t('missing.more')}
              </button>
            )}
          </section>
        </div>
      )}
    </main>
  );
}
