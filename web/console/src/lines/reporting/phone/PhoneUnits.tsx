// Whom one files for: those that are still awaited, first of all, then those that have reported, and any other by name. Who
// files for one unit alone is not asked.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import type { UnitLabel } from '@/api/generated.schemas';
import { missingList, reportedList, unitList, type At } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { usePast } from '@/shared/clock';
import { count } from '@/shared/format';
import { StatusMark } from '@/shared/Mark';
import { Refusal } from '@/shared/State';
import { UnitPick } from '@/shared/UnitPick';
import { fillTo } from './fillTo';
import '@/shared/deed.css';

const LISTED_MAX = 20;

export function PhoneUnits({ own, unit, at, open: atFirst }: { own: string; unit: string; at: At; open: boolean }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const open = chosen ?? atFirst;
  const below = useQuery(unitList({ under: own, day: at.day, limit: 1 }));
  const some = (below.data?.items.length ?? 0) > 0;
  const awaited = useInfiniteQuery({ ...missingList(`unit:${own}`, at, LISTED_MAX), enabled: some });
  const sent = useInfiniteQuery({ ...reportedList(`unit:${own}`, at, LISTED_MAX), enabled: some && open });
  const past = usePast(awaited.data?.pages[0]?.cut_off);
  if (below.isError) return <Refusal error={below.error} retry={() => void below.refetch()} />;
  if (!some) return null;
  const first = awaited.data?.pages[0];
  const missing = awaited.data?.pages.flatMap((page) => page.items) ?? [];
  const reported = sent.data?.pages.flatMap((page) => page.items) ?? [];
  const to = (code: string) => fillTo(code, params.get('day') ?? about.today, about.today, params.get('form'));
  const one = (label: UnitLabel, path: UnitLabel[], mark: React.ReactNode) => (
    <li key={label.code}>
      <Link to={to(label.code)} aria-current={label.code === unit ? 'page' : undefined} data-unit={label.code}>
        <span>
          <span>{label.name || label.code}</span>
          <span className="faint small">{path.slice(1).map((p) => p.name).join(' / ')}</span>
        </span>
        {mark}
      </Link>
    </li>
  );
  const more = (list: typeof awaited | typeof sent) =>
    list.hasNextPage && (
      <button type="button" className="plain" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()} data-more>
        {t('phone.more')}
      </button>
    );
  // Their own unit is always at hand, asked or not: a search looks only below it.
  const ownListed = unit === own || [...missing, ...reported].some((one) => one.unit.code === own);
  return (
    <section className="phone-units" data-units={first?.missing}>
      <button type="button" className="phone-units-open" aria-expanded={open} onClick={() => setChosen(!open)} data-choose>
        <span>{t('phone.choose')}</span>
        {first && <span className="faint num">{t('phone.awaited', { missing: count(first.missing), expected: count(first.expected) })}</span>}
        <span aria-hidden="true">{open ? '▴' : '▾'}</span>
      </button>
      {open && (
        <>
          <UnitPick name="unit" label={t('phone.find')} day={at.day} chosen={null} onChosen={(u) => u && void navigate(to(u.code))} without={[]} />
          {awaited.isError && <Refusal error={awaited.error} retry={() => void awaited.refetch()} />}
          {sent.isError && <Refusal error={sent.error} retry={() => void sent.refetch()} />}
          {first && (
            <>
              {!ownListed && <ul>{one(first.label, [], null)}</ul>}
              <h2>{t('phone.list_awaited', { n: count(first.missing) })}</h2>
              {first.missing === 0 && <p className="faint small">{t('missing.none')}</p>}
              <ul data-awaited>{missing.map((m) => one(m.unit, m.path, <StatusMark status={first.frozen ? 'missing' : past ? 'overdue' : 'expected'} />))}</ul>
              {more(awaited)}
              <h2>{t('phone.list_reported', { n: count(first.expected - first.missing) })}</h2>
              <ul data-reported>{reported.map((r) => one(r.unit, r.path, <StatusMark status={r.late ? 'late' : 'values'} />))}</ul>
              {more(sent)}
            </>
          )}
        </>
      )}
    </section>
  );
}
