import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import type { Series } from '@/api/generated.schemas';
import { totalsSeries, type At } from '@/api/queries';
import { count } from '@/shared/format';
import { LineChart } from '@/shared/LineChart';
import { Show } from '@/shared/State';
import { RateOf } from './RateOf';

const DAYS = 14;

/** These days put together by the element's own rule, in words that say which rule; of a rate its two numbers as well. */
function Whole({ series }: { series: Series }) {
  const { t } = useTranslation();
  const { whole, points } = series;
  const days = points.length;
  const rule = whole.over_time ?? 'rate';
  return (
    <p className="figure-whole" data-whole={rule}>
      {t(`figure.whole.${rule}`, { count: days })}
      {rule !== 'none' && (
        <>
          {' '}
          <b className="num">{count(whole.value)}</b>{' '}
          {whole.rate && <RateOf rate={whole.rate} />}
        </>
      )}
      {' · '}
      <span className="faint">{t('figure.whole_said', { count: days, n: count(whole.days_said) })}</span>
    </p>
  );
}

/** Two weeks up to the day, so that a jump is seen as one. */
export function FigureChart({ node, element, at, name }: { node: string; element: string; at: At; name: string }) {
  const { t } = useTranslation();
  const from = dayjs(at.day).subtract(DAYS - 1, 'day').format('YYYY-MM-DD');
  const series = useQuery(totalsSeries(node, element, at.form, from, at.day));
  const title = t('figure.chart', { name, count: DAYS });
  return (
    <section className="card card-pad">
      <h2>{title}</h2>
      <Show query={series}>
        {(s) => (
          <>
            <Whole series={s} />
            <LineChart days={s.points.map((p) => p.day)} lines={[{ name, points: s.points.map((p) => p.value) }]} label={title} />
          </>
        )}
      </Show>
    </section>
  );
}
