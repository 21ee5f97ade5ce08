// Two things that were said and cannot both be so. Both are shown; no verdict is given: people decide.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { contradictionList, disagreementList } from '@/api/queries';
import type { ContradictionBody } from '@/api/generated.schemas';
import { useAt, useOwnUnit } from '@/shared/about';
import { timeOf } from '@/shared/clock';
import { count, delta } from '@/shared/format';
import { Nothing, Show } from '@/shared/State';
import './contradictions.css';

function One({ c, day }: { c: ContradictionBody; day: string }) {
  const { t } = useTranslation();
  return (
    <article className="card contra">
      <header>
        <span className="contra-word">{t('contradictions.word')}</span>
        <h2>{c.unit.name}</h2>
        <span className="faint">{c.element_name}</span>
        <Link to={`/figure?node=unit:${encodeURIComponent(c.unit.code)}&day=${day}&element=${c.element}`}>{t('contradictions.open')}</Link>
      </header>
      <div className="contra-two">
        <section>
          <time className="contra-time">{timeOf(c.reported_at)}</time>
          <p>{t(c.zero ? 'contradictions.zero_signed' : 'contradictions.reported')}</p>
          <p className="contra-value num">{count(c.reported)}</p>
        </section>
        <span className="contra-against" aria-hidden="true">
          ≠
        </span>
        <div>
          {c.incidents.map((i) => (
            <section key={i.id}>
              <time className="contra-time">{timeOf(i.at)}</time>
              <p>{t('contradictions.incident')}</p>
              <p className="contra-value num">{count(i.value)}</p>
              <p>{i.text}</p>
            </section>
          ))}
        </div>
      </div>
    </article>
  );
}

export default function Contradictions() {
  const { t } = useTranslation();
  const at = useAt();
  const [params] = useSearchParams();
  const own = useOwnUnit();
  const node = params.get('node') ?? `unit:${own}`;
  const contradictions = useQuery(contradictionList(node, at));
  const disagreements = useQuery(disagreementList(node, at));
  return (
    <main className="page page-narrow">
      <div className="page-head">
        <h1>{t('contradictions.title')}</h1>
        <span className="faint">{t('contradictions.both')}</span>
      </div>
      <Show query={contradictions}>
        {(d) =>
          d.items.length === 0 ? (
            <Nothing>{t('contradictions.none')}</Nothing>
          ) : (
            <>
              {d.items.map((c) => (
                <One key={c.unit.code + c.element} c={c} day={at.day} />
              ))}
            </>
          )
        }
      </Show>
      <div className="page-head contra-second">
        <h2>{t('disagreements.title')}</h2>
        <span className="faint">{t('disagreements.sub')}</span>
      </div>
      <Show query={disagreements}>
        {(d) =>
          d.items.length === 0 ? (
            <Nothing>{t('disagreements.none')}</Nothing>
          ) : (
            <div className="card scroll-x">
              <table className="sheet-table contra-totals">
                <thead>
                  <tr>
                    <th>{t('missing.unit')}</th>
                    <th>{t('figure.element')}</th>
                    <th className="n">{t('disagreements.stated')}</th>
                    <th className="n">{t('disagreements.parts')}</th>
                    <th className="n">{t('disagreements.apart')}</th>
                    <th className="n">{t('disagreements.said')}</th>
                  </tr>
                </thead>
                <tbody>
                  {d.items.map((x) => (
                    <tr key={x.unit.code + x.element}>
                      <td>
                        <Link to={`/figure?node=unit:${encodeURIComponent(x.unit.code)}&day=${at.day}&element=${x.element}`}>{x.unit.name}</Link>
                      </td>
                      <td>{x.element_name}</td>
                      <td className="n" data-label={t('disagreements.stated')}>
                        {count(x.stated)}
                      </td>
                      <td className="n" data-label={t('disagreements.parts')}>
                        {count(x.below)}
                      </td>
                      <td className="n" data-label={t('disagreements.apart')}>
                        {delta(x.stated, x.below)}
                      </td>
                      <td className="n" data-label={t('disagreements.said')}>
                        {count(x.said)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Show>
    </main>
  );
}
