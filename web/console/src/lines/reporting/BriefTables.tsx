import { useTranslation } from 'react-i18next';
import type { BriefDoc } from '@/api/generated.schemas';
import { count, percent, type Num } from '@/shared/format';
import { BriefLink } from './BriefLink';

/** `+3`, `−2`, `±0`, or a dash where there is nothing to compare. */
export function signed(d: Num): string {
  if (d === null || d === undefined) return '—';
  return d === 0 ? '±0' : `${d > 0 ? '+' : '−'}${count(Math.abs(d))}`;
}

function Totals({ doc }: { doc: BriefDoc }) {
  const { t } = useTranslation();
  const r = doc.rates;
  const notes = doc.totals?.flatMap((x) => x.note || []) ?? [];
  return (
    <section>
      <h2>{t('brief.totals')}</h2>
      <div className="scroll-x">
        <table className="sheet-table brief-totals">
          <thead>
            <tr>
              <th>{t('figure.element')}</th>
              <th className="n">{t('figure.value')}</th>
              <th className="n brief-yesterday">{t('phone.yesterday')}</th>
              <th className="n">{t('figure.change')}</th>
              <th className="n">{t('figure.base')}</th>
            </tr>
          </thead>
          <tbody>
            {doc.totals?.map((x) => (
              <tr key={x.name} data-other-units={x.other_units || undefined}>
                <td>
                  {x.name} <span className="faint">{x.unit}</span>
                </td>
                <td className="n brief-value">
                  <BriefLink element={x.code}>{count(x.value)}</BriefLink>
                </td>
                <td className="n faint brief-yesterday">
                  {count(x.yesterday)}
                  {x.note && '*'}
                  {typeof x.yesterday_said === 'number' && (
                    <small>
                      {count(x.yesterday_said)}/{count(x.yesterday_base)}
                    </small>
                  )}
                </td>
                <td className="n brief-change">
                  {!x.other_units ? (
                    signed(x.delta)
                  ) : x.same_units?.units ? (
                    t('brief.same_units_short', { change: signed(x.same_units.change), n: count(x.same_units.units) })
                  ) : (
                    <span className="faint">{t('figure.other_units')}</span>
                  )}
                  {(x.other_units || x.note) && (
                    <small className="faint brief-then">
                      {t('phone.yesterday')} {count(x.yesterday)}
                      {x.note && '*'}
                      {typeof x.yesterday_said === 'number' && ` ${count(x.yesterday_said)}/${count(x.yesterday_base)}`}
                    </small>
                  )}
                </td>
                <td className="n faint">
                  {count(x.said)}/{count(x.base)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.length > 0 && <p className="brief-footnote">* {t('brief.footnote', { list: notes.join(t('list.comma')) })}</p>}
      <p className="brief-rates num">
        {t(doc.frozen ? 'brief.rates' : 'brief.rates_yet', {
          expected: count(r.expected),
          actual: count(r.actual),
          rate: percent(r.actual, r.expected),
          onTime: r.afterwards ? '—' : count(r.actual_on_time),
          onTimeRate: r.afterwards ? t('figure.afterwards') : percent(r.actual_on_time, r.expected),
          zero: count(r.zero),
          missing: count(r.missing),
        })}
      </p>
    </section>
  );
}

function Groups({ doc }: { doc: BriefDoc }) {
  const { t } = useTranslation();
  const names = doc.groups?.[0]?.values?.map((v) => v.name) ?? [];
  const absent = t(doc.frozen ? 'status.missing' : 'figure.missing');
  const rates = [
    [t('figure.expected'), 'expected'],
    [t('figure.actual'), 'actual'],
    [t('figure.on_time'), 'on_time'],
    [t('figure.zero'), 'zero'],
    [absent, 'missing'],
  ] as const;
  return (
    <section>
      <h2>{t('brief.groups')}</h2>
      <div className="scroll-x">
        <table className="sheet-table brief-groups">
          <thead>
            <tr>
              <th>{t('missing.unit')}</th>
              {rates.map(([label]) => (
                <th key={label} className="n">
                  {label}
                </th>
              ))}
              {names.map((n) => (
                <th key={n} className="n">
                  {n}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {doc.groups?.map((g) => (
              <tr key={g.own ? 'own' : (g.code ?? g.name)} data-own-report={g.own || undefined}>
                <td>
                  <BriefLink unit={g.code} own={g.own}>{g.name}</BriefLink>
                </td>
                {rates.map(([label, of]) => (
                  <td key={label} className={label !== absent ? 'n' : g.missing ? 'n red' : 'n faint'} data-label={label}>
                    {label === absent && g.missing ? '▲ ' : ''}
                    {of === 'on_time' && doc.rates.afterwards ? '—' : count(g[of])}
                  </td>
                ))}
                {g.values?.map((v, i) => (
                  <td key={v.name} className="n" data-label={v.name}>
                    <BriefLink unit={g.code} element={doc.numbers?.[i]?.code} own={g.own}>
                      {count(v.value)}
                    </BriefLink>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function BriefTables({ doc, part }: { doc: BriefDoc; part: 'totals' | 'groups' }) {
  return part === 'totals' ? <Totals doc={doc} /> : <Groups doc={doc} />;
}
