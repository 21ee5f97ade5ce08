// Days as a line. The chart library is large and comes only when a chart is on the page.
import { useEffect, useRef } from 'react';

export type Line = { name: string; points: (number | null | undefined)[] };
type Props = { days: string[]; lines: Line[]; label: string; height?: number };

/** A day on which nothing was said is a gap in the line, never a fall to zero. */
export function LineChart({ days, lines, label, height = 220 }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const data = JSON.stringify({ days, lines });
  useEffect(() => {
    let chart: { dispose: () => void; resize: () => void } | undefined;
    let gone = false;
    void import('./charts').then((charts) => {
      if (gone || !box.current) return;
      const read = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
      const asked = JSON.parse(data) as Pick<Props, 'days' | 'lines'>;
      // On a telephone the names stand below one another, clear of the axis.
      const narrow = box.current.clientWidth < 600;
      const above = asked.lines.length > 1 ? (narrow ? 16 + 21 * asked.lines.length : 30) : 14;
      const c = charts.init(box.current, undefined, { renderer: 'svg' });
      c.setOption({
        animation: false,
        textStyle: { fontFamily: read('sans'), color: read('ink-2') },
        color: [read('slate'), read('warn'), read('good'), read('ink-3')],
        grid: { left: 8, right: 16, top: above, bottom: 4, containLabel: true },
        legend: { show: asked.lines.length > 1, orient: narrow ? 'vertical' : 'horizontal', top: 0, left: 0, icon: 'roundRect', itemHeight: 3 },
        tooltip: { trigger: 'axis', confine: true },
        xAxis: { type: 'category', data: asked.days.map((d) => d.slice(5)), boundaryGap: false, axisTick: { show: false }, axisLine: { lineStyle: { color: read('rule') } } },
        yAxis: { type: 'value', minInterval: 1, splitLine: { lineStyle: { color: read('rule-2') } } },
        series: asked.lines.map((l) => ({ type: 'line', name: l.name, data: l.points, connectNulls: false, symbol: 'circle', symbolSize: 5, lineStyle: { width: 2 } })),
      });
      chart = c;
    });
    const resize = () => chart?.resize();
    addEventListener('resize', resize);
    return () => {
      gone = true;
      removeEventListener('resize', resize);
      chart?.dispose();
    };
  }, [data]);
  return <div ref={box} style={{ height }} role="img" aria-label={label} />;
}
