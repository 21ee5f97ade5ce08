import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { classList, findingList, unitHistory, unitRead } from '@/api/queries';
import type { UnitBody } from '@/api/generated.schemas';
import { Problem } from '@/api/http';
import { useMay, useOwnUnit } from '@/shared/about';
import { Acted } from '@/shared/Acted';
import { Refusal, Show } from '@/shared/State';
import { Who } from '@/shared/Who';
import { useWord } from '@/shared/word';
import { Posts } from './post/Posts';

function Facts({ u, day }: { u: UnitBody; day: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const own = useOwnUnit('unit.read');
  const path = [...u.path.map((p) => p.code), u.code];
  const changes = useMay('unit.change', path);
  const reads = useMay('figure.read', path);
  // What stands above the reader's own unit is known to them by name only.
  const above = u.path.findIndex((p) => p.code === own);
  const named = useQuery(classList()).data?.items;
  const className = (code: string) => named?.find((c) => c.code === code)?.name ?? code;
  const facts: [string, React.ReactNode][] = [
    [t('units.code'), u.code],
    [t('units.kind'), word('kind', u.kind)],
    [t('units.names'), [u.names['zh-Hans'], u.names['zh-Hant'], u.names.en].filter(Boolean).join(' · ')],
    [t('units.place'), u.place ? `${u.place_name ?? ''} ${u.place}` : t('units.no_place')],
    [t('units.classes'), u.classes.length ? u.classes.map(className).join(t('list.comma')) : '—'],
    [t('units.zone'), u.time_zone ?? '—'],
    [t('units.opened'), u.opened ?? '—'],
    [t('units.closed'), u.closed ?? t('units.still_open')],
  ];
  return (
    <div className="card card-pad">
      <ol className="crumbs">
        {u.path.slice(0, -1).map((p, i) => (
          <li key={p.code}>{i < above ? p.name : <Link to={`/units/${encodeURIComponent(p.code)}?day=${day}`}>{p.name}</Link>}</li>
        ))}
      </ol>
      <h1>{u.name}</h1>
      <dl className="unit-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="unit-ways">
        {reads && <Link to={`/figure?node=unit:${encodeURIComponent(u.code)}&day=${day}`}>{t('units.figures')}</Link>}
        {changes && (
          <Link to={`/units/${encodeURIComponent(u.code)}/change`} data-change>
            {t('change.open')}
          </Link>
        )}
      </p>
    </div>
  );
}

function History({ code }: { code: string }) {
  const { t } = useTranslation();
  const word = useWord();
  const query = useQuery(unitHistory(code));
  return (
    <div className="card scroll-x">
      <h2 className="card-pad">{t('units.history')}</h2>
      <Show query={query}>
        {(d) => (
          <>
          <table className="sheet-table">
            <thead>
              <tr>
                <th>{t('units.since')}</th>
                <th>{t('units.until')}</th>
                <th>{t('units.fact')}</th>
                <th>{t('figure.value')}</th>
              </tr>
            </thead>
            <tbody>
              {d.facts.map((f) => (
                <tr key={f.fact + f.since + f.value}>
                  <td className="num">{f.since}</td>
                  <td className="num">{f.until ?? (f.fact === 'merge' || f.fact === 'split' ? '' : t('units.open_end'))}</td>
                  <td>{word('fact', f.fact)}</td>
                  <td>
                    {f.name ?? (f.fact === 'kind' ? word('kind', f.value) : f.value)} {f.name && f.fact !== 'classes' && <span className="faint num">{f.value.replace(/^→ | →$/, '')}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {d.entries.length > 0 && (
            <ol className="unit-entries">
              {d.entries.map((e) => (
                <li key={e.at + e.action}>
                  <time>{e.at.slice(0, 16).replace('T', ' ')}</time> {word('action', e.action)} <span className="faint"><Who actor={e.actor} /></span> <Acted acted={e.acted_for} />
                </li>
              ))}
            </ol>
          )}
          </>
        )}
      </Show>
    </div>
  );
}

/** What inspectors found of the unit and those below it; nothing where there is nothing. */
function Found({ code }: { code: string }) {
  const { t } = useTranslation();
  const found = useInfiniteQuery(findingList(`unit:${code}`)).data?.pages.flatMap((page) => page.items) ?? [];
  if (found.length === 0) return null;
  const open = found.filter((f) => f.closed === null).length;
  return (
    <p className="card card-pad" data-found={found.length}>
      <Link className="change-link" to={`/findings?node=unit:${encodeURIComponent(code)}`}>
        {t('findings.of_unit', { n: found.length, open })}
      </Link>
    </p>
  );
}

/** A unit that is not open on a day: when it was, what came after it, and what became of it. */
function Away({ code, error }: { code: string; error: unknown }) {
  const { t } = useTranslation();
  const facts = useQuery(unitHistory(code)).data?.facts ?? [];
  const last = (fact: string) => facts.filter((f) => f.fact === fact).pop();
  const closed = last('closed')?.since;
  const lastDay = closed && dayjs(closed).subtract(1, 'day').format('YYYY-MM-DD');
  const after = facts.filter((f) => (f.fact === 'merge' || f.fact === 'split') && f.value.startsWith('→ '));
  const to = (unit: string, day?: string) => `/units/${encodeURIComponent(unit)}${day ? `?day=${day}` : ''}`;
  return (
    <div className="unit-page">
      <div className="card card-pad" data-away>
        <h1>{last('name')?.value ?? code}</h1>
        <Refusal error={error} />
        <p className="unit-ways">
          {lastDay && <Link to={to(code, lastDay)}>{t('units.last_day', { day: lastDay })}</Link>}
          {after.map((f) => (
            <Link key={f.value} to={to(f.value.slice(2))}>
              {t('units.went_on', { unit: (f.name ?? f.value).slice(2), day: f.since })}
            </Link>
          ))}
        </p>
      </div>
      <History code={code} />
    </div>
  );
}

/** A unit on a day: every fact is that day's; the history says since when and until when each held. `beside`: what another line says of it. */
export function UnitPage({ code, day, beside }: { code: string; day: string; beside?: (unit: UnitBody) => React.ReactNode }) {
  const query = useQuery(unitRead(code, day));
  // What became of a unit tells of its reports too.
  const reads = useMay('figure.read');
  if (query.error instanceof Problem && query.error.body.code === 'unit.not_open') return <Away code={code} error={query.error} />;
  return (
    <Show query={query}>
      {(u) => (
        <div className="unit-page">
          <Facts u={u} day={day} />
          <Posts u={u} day={day} />
          {beside?.(u)}
          {reads && <Found code={code} />}
          {reads && <History code={code} />}
        </div>
      )}
    </Show>
  );
}
