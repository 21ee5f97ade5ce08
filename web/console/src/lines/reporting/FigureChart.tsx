import { useQuery } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import { totalsSeries, type At } from '@/api/queries';
import { LineChart } from '@/shared/LineChart';
import { Show } from '@/shared/State';

const DAYS = 14;

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
        {(s) => <LineChart days={s.points.map((p) => p.day)} lines={[{ name, points: s.points.map((p) => p.value) }]} label={title} />}
      </Show>
    </section>
  );
}
