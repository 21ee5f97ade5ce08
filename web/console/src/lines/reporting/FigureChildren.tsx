import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { totalsChildren, type At } from '@/api/queries';
import type { Totals } from '@/api/generated';
import { useAddress } from '@/shared/address';
import { Bar } from '@/shared/Bar';
import { count, delta } from '@/shared/format';
import { Show } from '@/shared/State';

const value = (x: Totals, element: string) => x.elements.find((e) => e.element === element);

/** What a row is sorted by. A figure that was not said sorts below every number, zero too. */
const SORTS: Record<string, (x: Totals, element: string) => number> = {
  value: (x, e) => value(x, e)?.value ?? -Infinity,
  change: (x, e) => {
    const v = value(x, e);
    return typeof v?.value === 'number' && typeof v.yesterday === 'number' ? v.value - v.yesterday : -Infinity;
  },
  actual: (x) => x.rates.actual,
  zero: (x) => x.zero,
  missing: (x) => x.missing,
};

export function sorted(items: Totals[], by: string | null, element: string): Totals[] {
  const descending = by?.startsWith('-') ?? false;
  const key = SORTS[descending ? by!.slice(1) : (by ?? '')];
  if (!key) return items;
  return [...items].sort((a, b) => (key(a, element) - key(b, element) || 0) * (descending ? -1 : 1));
}

function Head({ id, children }: { id: string; children: React.ReactNode }) {
  const [params, change] = useAddress();
  const by = params.get('sort');
  const now = by === `-${id}` ? 'descending' : by === id ? 'ascending' : 'none';
  return (
    <th className="n" aria-sort={now}>
      <button type="button" className="sort" onClick={() => change({ sort: now === 'descending' ? id : now === 'ascending' ? null : `-${id}` })}>
        {children} <span aria-hidden="true">{now === 'descending' ? '↓' : now === 'ascending' ? '↑' : '↕'}</span>
      </button>
    </th>
  );
}

export function FigureChildren({ node, element, at, known }: { node: string; element: string; at: At; known: string | null }) {
  const { t } = useTranslation();
  const [params] = useAddress();
  const children = useQuery(totalsChildren(node, at, known ?? undefined));
  const to = (x: Totals) => {
    const next = new URLSearchParams(params);
    next.set('node', `unit:${x.node.code}`);
    return `/figure?${next.toString()}`;
  };
  return (
    <Show query={children}>
      {(d) => {
        // Who is asked nothing stands in the count below the table, not between the figures.
        const items = d.items.filter((x) => x.rates.expected > 0);
        return (
          items.length > 0 && (
          <section className="card scroll-x">
            <table className="sheet-table figure-children">
              <thead>
                <tr>
                  <th>{t('figure.below', { n: items.length })}</th>
                  <th className="figure-bar" aria-label={t('figure.actual')} />
                  <Head id="actual">{t('figure.actual')}</Head>
                  <Head id="zero">{t('figure.zero')}</Head>
                  <Head id="missing">{t('figure.missing')}</Head>
                  <Head id="value">{value(items[0]!, element)?.name ?? t('figure.value')}</Head>
                  <Head id="change">{t('figure.change')}</Head>
                  <th className="n">{t('figure.base')}</th>
                </tr>
              </thead>
              <tbody>
                {sorted(items, params.get('sort'), element).map((x) => {
                  const v = value(x, element);
                  return (
                    <tr key={x.node.code}>
                      <td>
                        <Link to={to(x)}>{x.node.name}</Link>
                      </td>
                      <td className="figure-bar">
                        <Bar expected={x.rates.expected} reported={x.rates.actual} zero={x.zero} />
                      </td>
                      <td className="n">
                        {count(x.rates.actual)}
                        <span className="faint">/{count(x.rates.expected)}</span>
                      </td>
                      <td className="n">{count(x.zero)}</td>
                      <td className={x.missing ? 'n red' : 'n faint'}>
                        {x.missing ? '▲ ' : ''}
                        {count(x.missing)}
                      </td>
                      <td className="n">
                        <b>{count(v?.value)}</b>
                        {v?.stated !== null && v?.stated !== undefined && v.stated !== v.parts && (
                          <span className="mark mark-warn"> ◆ {t('figure.states', { n: count(v.stated) })}</span>
                        )}
                      </td>
                      <td className="n">{v ? delta(v.value, v.yesterday) : ''}</td>
                      <td className="n faint">{v ? `${count(v.said)}/${count(v.base)}` : ''}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
            {items.length < d.items.length && <p className="card-pad faint">{t('figure.not_asked', { n: d.items.length - items.length })}</p>}
          </section>
          )
        );
      }}
    </Show>
  );
}
