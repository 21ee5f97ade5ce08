// Whom one files for: those that are still awaited, first of all, and any other by name. Who files for one unit alone is not asked.
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { missingList, unitList, type At } from '@/api/queries';
import { useAbout } from '@/shared/about';
import { count } from '@/shared/format';
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
  const awaited = useInfiniteQuery({ ...missingList(`unit:${own}`, at, LISTED_MAX), enabled: (below.data?.items.length ?? 0) > 0 });
  if (below.isError) return <Refusal error={below.error} retry={() => void below.refetch()} />;
  if (!below.data?.items.length) return null;
  const first = awaited.data?.pages[0];
  const to = (code: string) => fillTo(code, params.get('day') ?? about.today, about.today, params.get('form'));
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
          {first && (
            <ul>
              {/* Their own unit is always at hand: a search looks only below it. */}
              {unit !== own && !first.items.some((m) => m.unit.code === own) && (
                <li>
                  <Link to={to(own)} data-unit={own}>
                    {first.label.name || own}
                  </Link>
                </li>
              )}
              {first.items.map((m) => (
                <li key={m.unit.code}>
                  <Link to={to(m.unit.code)} aria-current={m.unit.code === unit ? 'page' : undefined} data-unit={m.unit.code}>
                    <span>{m.unit.name}</span>
                    <span className="faint small">{m.path.slice(1).map((p) => p.name).join(' / ')}</span>
                  </Link>
                </li>
              ))}
            </ul>
          )}
          {first && first.missing > first.items.length && <p className="faint small">{t('phone.more', { n: count(first.missing - first.items.length) })}</p>}
          {first?.missing === 0 && <p className="faint small">{t('missing.none')}</p>}
        </>
      )}
    </section>
  );
}
