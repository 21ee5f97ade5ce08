import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Desk } from '@/api/generated.schemas';
import { count, delta, whose } from '@/shared/format';
import { Tick } from '@/shared/Tick';
import { useWord } from '@/shared/word';
import { RateOf } from './RateOf';

/** Four figures with yesterday beside, each on its base; a click opens what it is made of. */
export function DeskFigures({ desk }: { desk: Desk }) {
  const { t } = useTranslation();
  const word = useWord();
  const figures = desk.figures.flatMap((code) => desk.totals.elements.filter((e) => e.element === code));
  return (
    <section className="figures" aria-label={t('desk.figures')}>
      {figures.map((f) => (
        <Link key={f.element} className="card figure-card" to={`/figure?node=unit:${encodeURIComponent(desk.totals.node.code)}&element=${f.element}&day=${desk.day}`}>
          <span className="figure-name">{f.name}</span>
          <span className="figure-value num">
            <Tick value={f.value} of={whose(desk.totals)} label={f.element} />
            <small>{word('unit', f.unit, f.value)}</small>
          </span>
          <span className="figure-foot num">
            {f.other_units && typeof f.yesterday === 'number' ? (
              <span data-other-units title={t('figure.not_same')}>
                {t('desk.then', { value: count(f.yesterday), said: count(f.yesterday_said) })}
              </span>
            ) : (
              <span>
                {t('desk.yesterday')} {count(f.yesterday)} <b>{delta(f.value, f.yesterday)}</b>
              </span>
            )}
            <span className="faint">{t('desk.base', { said: count(f.said), base: count(f.base) })}</span>
          </span>
          {f.rate && <RateOf rate={f.rate} base={f.base} />}
        </Link>
      ))}
    </section>
  );
}
