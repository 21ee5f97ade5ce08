import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Desk, ElementTotal } from '@/api/generated.schemas';
import { Bar } from '@/shared/Bar';
import { count } from '@/shared/format';
import { Tick } from '@/shared/Tick';

/** The form's first event, where it happened: what an office looks for before all else. */
function TileEvent({ event }: { event: ElementTotal | undefined }) {
  if (!event?.value) return null;
  return (
    <span className="mark mark-warn tile-event">
      ◆ {event.name} {count(event.value)}
    </span>
  );
}

/** The first figure of a unit in which nobody is asked: somebody states it. */
function Stated({ elements, small }: { elements: ElementTotal[]; small: boolean | undefined }) {
  const { t } = useTranslation();
  const first = elements.find((e) => typeof e.value === 'number');
  return (
    <>
      <span className="tile-count num">
        {count(first?.value)} <span className="faint">{first?.name}</span>
      </span>
      {!small && <span className="tile-foot faint">{t('status.not_asked')}</span>}
    </>
  );
}

/** The office's own report, where it makes one, and the groups in the office's own order: they add up to the sentence. `lit` marks the one that a report has just passed through. */
export function Tiles({ desk, small, lit }: { desk: Desk; small?: boolean; lit?: string }) {
  const { t } = useTranslation();
  return (
    <section className={small ? 'tiles tiles-small' : 'tiles'} aria-label={t('desk.groups')}>
      {desk.tiles.map(({ unit: g, own, rates, zero, missing, elements }) => (
        <Link
          key={own ? 'own' : g.code}
          className={`card tile${g.code === lit && !own ? ' tile-lit' : ''}`}
          to={`/figure?node=unit:${encodeURIComponent(g.code)}&day=${desk.day}${own ? '#sheet' : ''}`}
          data-group={own ? undefined : g.code}
          data-own-report={own || undefined}
        >
          <span className="tile-name">{own ? t('desk.own', { name: g.name }) : g.name}</span>
          {rates.expected > 0 ? (
            <>
              <span className="tile-count num">
                <Tick value={rates.actual} of={`${g.code} ${desk.day}`} />
                <span className="faint">/{count(rates.expected)}</span>
              </span>
              <Bar expected={rates.expected} reported={rates.actual} zero={zero} />
            </>
          ) : (
            <Stated elements={elements} small={small} />
          )}
          {!small && rates.expected > 0 && (
            <span className="tile-foot num">
              <span className="faint">{t('desk.tile_zero', { n: zero })}</span>
              {missing > 0 ? (
                <span className="mark mark-bad">▲ {t(desk.frozen ? 'desk.tile_missing' : 'desk.tile_absent', { n: missing })}</span>
              ) : (
                <span className="mark mark-good">● {t('desk.tile_all')}</span>
              )}
              <TileEvent event={elements.find((e) => e.class === 'event')} />
            </span>
          )}
        </Link>
      ))}
    </section>
  );
}
