import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Desk } from '@/api/types';
import { Bar } from '@/shared/Bar';
import { count } from '@/shared/format';
import { Tick } from '@/shared/Tick';

/** The groups in the office's own order. `lit` marks the one that a report has just passed through. */
export function Tiles({ desk, small, lit }: { desk: Desk; small?: boolean; lit?: string }) {
  const { t } = useTranslation();
  return (
    <section className={small ? 'tiles tiles-small' : 'tiles'} aria-label={t('desk.groups')}>
      {desk.tiles.map((g) => (
        <Link
          key={g.code}
          className={`card tile${g.code === lit ? ' tile-lit' : ''}`}
          to={`/figure?node=unit:${encodeURIComponent(g.code)}&day=${desk.day}`}
          data-group={g.code}
          title={g.name}
        >
          <span className="tile-name">{g.name}</span>
          <span className="tile-count num">
            <Tick value={g.reported} />
            <span className="faint">/{count(g.expected)}</span>
          </span>
          <Bar expected={g.expected} reported={g.reported} zero={g.zero} />
          {!small && (
            <span className="tile-foot num">
              <span className="faint">{t('desk.tile_zero', { n: g.zero })}</span>
              {g.missing > 0 ? (
                <span className="mark mark-bad">▲ {t(desk.frozen ? 'desk.tile_missing' : 'desk.tile_absent', { n: g.missing })}</span>
              ) : (
                <span className="mark mark-good">● {t('desk.tile_all')}</span>
              )}
              {!!g.fever && <span className="mark mark-warn">◆ {t('desk.tile_fever', { n: g.fever })}</span>}
            </span>
          )}
        </Link>
      ))}
    </section>
  );
}
