import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { totalsRead, type At } from '@/api/queries';
import type { UnitLabel } from '@/api/generated.schemas';
import { Bar } from '@/shared/Bar';
import { count } from '@/shared/format';
import { Tick } from '@/shared/Tick';

/** The site and everybody above it, each with its own live count. At most four levels: the top one and the last three. */
export function Chain({ path, at }: { path: UnitLabel[]; at: At }) {
  const { t } = useTranslation();
  const levels = path.length > 4 ? [path[0]!, ...path.slice(-3)] : path;
  const now = useQueries({
    queries: levels.map((l) => totalsRead(`unit:${l.code}`, at)),
    combine: (all) => ({ levels: all.map((q) => q.data), settled: all.every((q) => !q.isFetching) }),
  });
  // One picture: while some levels are still being asked, all of them stay as they were, so that no two levels ever
  // stand side by side from different moments.
  const [shown, setShown] = useState(now.levels);
  if (now.settled && shown !== now.levels) setShown(now.levels);
  const kinds = levels.length === 4 ? ['side.regulator', 'side.group', 'side.firm', 'side.site'] : [];
  return (
    <ol className="chain">
      {levels.map((l, i) => {
        const d = shown[i];
        return (
          <li key={l.code} className="card chain-level" data-level={l.code}>
            {kinds[i] && <span className="faint small">{t(kinds[i])}</span>}
            <Link className="chain-name" to={`/figure?node=unit:${encodeURIComponent(l.code)}`} title={l.name}>
              {l.name}
            </Link>
            <span className="chain-count num">
              <Tick value={d?.rates.actual ?? null} of={at.day} label={`level-${i}`} />
              <span className="faint"> / {count(d?.rates.expected)}</span>
            </span>
            <Bar expected={d?.rates.expected ?? 0} reported={d?.rates.actual ?? 0} zero={d?.zero ?? 0} />
          </li>
        );
      })}
    </ol>
  );
}
