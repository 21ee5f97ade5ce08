import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { totalsChildren, type At } from '@/api/queries';
import type { Totals } from '@/api/generated.schemas';
import { useAddress } from '@/shared/address';
import { Bar } from '@/shared/Bar';
import { count } from '@/shared/format';
import { Show } from '@/shared/State';
import { Change } from './Change';
import { RateOf } from './RateOf';

const value = (x: Totals, element: string) => x.elements.find((e) => e.element === element);

/** Whether there is anything to tell: somebody is asked, or a figure is stated though nobody is. */
const tells = (x: Totals) => x.rates.expected > 0 || x.elements.some((e) => typeof e.value === 'number');

/** What a row is sorted by. A figure that was not said sorts below every number, zero too. */
const SORTS: Record<string, (x: Totals, element: string) => number> = {
  value: (x, e) => value(x, e)?.value ?? -Infinity,
  change: (x, e) => {
    const v = value(x, e);
    return typeof v?.value === 'number' && typeof v.yesterday === 'number' && !v.other_units ? v.value - v.yesterday : -Infinity;
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

/** What lies in none of the other parts, by a name that says so. */
export function useOwnName(): (node: string, part: { code: string; name: string }) => string {
  const { t } = useTranslation();
  return (node, { code, name }) => {
    if (code === 'none') return name;
    return t(node.startsWith('place:') ? 'missing.in_itself' : 'desk.own', { name });
  };
}

type RowProps = { x: Totals; element: string; node: string };

/** A part of the node; what lies in none of the others has no page of its own. */
function Row({ x, element, node }: RowProps) {
  const { t } = useTranslation();
  const [params] = useAddress();
  const ownName = useOwnName();
  const v = value(x, element);
  const axis = node.startsWith('place:') ? 'place' : 'unit';
  const to = () => {
    const next = new URLSearchParams(params);
    next.set('node', `${axis}:${x.node.code}`);
    return `/figure?${next.toString()}`;
  };
  if (!tells(x)) {
    return (
      <tr className="figure-not-asked">
        <td>
          <Link to={to()}>{x.node.name}</Link>
        </td>
        <td className="faint" colSpan={7}>
          {t('status.not_asked')}
        </td>
      </tr>
    );
  }
  const asked = x.rates.expected > 0;
  return (
    <tr data-own-report={x.own || undefined}>
      <td>{!x.own ? <Link to={to()}>{x.node.name}</Link> : axis === 'unit' ? <a href="#sheet">{ownName(node, x.node)}</a> : ownName(node, x.node)}</td>
      <td className="figure-bar">
        {asked ? <Bar expected={x.rates.expected} reported={x.rates.actual} zero={x.zero} /> : <span className="faint">{t('status.not_asked')}</span>}
      </td>
      <td className="n" data-label={t('figure.actual')}>
        {count(asked ? x.rates.actual : null)}
        {asked && <span className="faint">/{count(x.rates.expected)}</span>}
      </td>
      <td className="n" data-label={t('figure.zero')}>
        {count(asked ? x.zero : null)}
      </td>
      <td className={x.missing ? 'n red' : 'n faint'} data-label={t(x.frozen ? 'status.missing' : 'figure.missing')}>
        {x.missing ? '▲ ' : ''}
        {count(asked ? x.missing : null)}
      </td>
      <td className="n figure-value">
        <b>{count(v?.value)}</b>
        {v?.rate && <RateOf rate={v.rate} base={v.base} short />}
        {v?.stated !== null && v?.stated !== undefined && v.stated !== v.parts && (
          <span className="mark mark-warn"> ◆ {v.stated === v.value ? t('figure.parts', { n: count(v.parts) }) : t('figure.states', { n: count(v.stated) })}</span>
        )}
      </td>
      <td className="n" data-label={t('figure.change')}>
        {v && <Change of={v} />}
      </td>
      <td className="n faint" data-label={t('figure.base')}>
        {v && asked ? `${count(v.said)}/${count(v.base)}` : ''}
      </td>
    </tr>
  );
}

/** What the node consists of: in the office's own order those that are asked or have a figure, then, dimmed, the others. */
export function FigureChildren({ node, element, at, known }: { node: string; element: string; at: At; known: string | null }) {
  const { t } = useTranslation();
  const [params] = useAddress();
  const children = useQuery(totalsChildren(node, at, known ?? undefined));
  return (
    <Show query={children}>
      {(d) => {
        const items = sorted(d.items.filter(tells), params.get('sort'), element);
        const notAsked = d.items.filter((x) => !tells(x));
        const first = items[0];
        if (!first) return null;
        const below = [...items, ...notAsked].filter((x) => !x.own).length;
        return (
          <section className="card scroll-x">
            <table className="sheet-table figure-children">
              <thead>
                <tr>
                  <th data-below={below}>
                    {t(node.startsWith('place:') ? 'figure.below_place' : 'figure.below', { count: below })}
                    {notAsked.length > 0 && <span className="figure-below-not">{t('figure.below_not', { n: count(notAsked.length) })}</span>}
                  </th>
                  <th className="figure-bar">
                    <span className="visually-hidden">{t('figure.actual')}</span>
                  </th>
                  <Head id="actual">{t('figure.actual')}</Head>
                  <Head id="zero">{t('figure.zero')}</Head>
                  <Head id="missing">{t(first.frozen ? 'status.missing' : 'figure.missing')}</Head>
                  <Head id="value">{value(first, element)?.name ?? t('figure.value')}</Head>
                  <Head id="change">{t('figure.change')}</Head>
                  <th className="n">{t('figure.base')}</th>
                </tr>
              </thead>
              <tbody>
                {[...items, ...notAsked].map((x) => (
                  <Row key={x.own ? 'own' : x.node.code} x={x} element={element} node={node} />
                ))}
              </tbody>
            </table>
          </section>
        );
      }}
    </Show>
  );
}
