// What came on a day that a brief could not know: reports said anew, and first reports of a day that was closed already.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { correctionList } from '@/api/queries';
import type { CorrectionBody } from '@/api/generated.schemas';
import { useAt, useOwnUnit } from '@/shared/about';
import { timeOf } from '@/shared/clock';
import { count, said, useDayText } from '@/shared/format';
import { Show } from '@/shared/State';
import './corrections.css';

/** The list of a day ends here. */
const LISTED_MAX = 1000;

function Part({ id, title, items, children }: { id: string; title: string; items: CorrectionBody[]; children: (c: CorrectionBody) => React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="card corrections" data-part={id} data-count={items.length}>
      <h2 className="card-pad">{title}</h2>
      {items.length === 0 ? (
        <p className="card-pad faint">{t('brief.none')}</p>
      ) : (
        <ul>
          {items.map((c) => (
            <li key={c.unit.code + c.day + c.revision}>
              <p>
                {/* The sheet is that of the day that was corrected. */}
                <Link to={`/figure?node=unit:${encodeURIComponent(c.unit.code)}&day=${c.day}#sheet`}>{c.unit.name}</Link>{' '}
                <span className="faint num">
                  {t('corrections.of_day', { day: c.day })} · {timeOf(c.at)}
                </span>
              </p>
              {children(c)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export default function Corrections() {
  const { t } = useTranslation();
  const dayText = useDayText();
  const own = useOwnUnit();
  const at = useAt();
  const [params] = useSearchParams();
  const query = useQuery(correctionList(params.get('node') ?? `unit:${own}`, at));
  return (
    <main className="page page-narrow">
      <div className="page-head">
        <h1>{t('corrections.title')}</h1>
        <span className="faint">{dayText(at.day)}</span>
      </div>
      <Show query={query}>
        {({ items }) => {
          const anew = items.filter((c) => c.revision > 1);
          const first = items.filter((c) => c.revision === 1);
          return (
            <>
              <Part id="anew" title={t('corrections.anew', { n: count(anew.length) })} items={anew}>
                {(c) => (
                  <>
                    <p className="num">
                      {t('figure.revision', { n: c.revision })}: {c.changes.map((x) => `${x.name} ${said(x.before)} → ${said(x.after)}`).join(t('list.comma'))}
                    </p>
                    {c.reason && (
                      <p>
                        <span className="faint">{t('figure.reason')}</span> {c.reason}
                      </p>
                    )}
                  </>
                )}
              </Part>
              <Part id="first" title={t('corrections.first', { n: count(first.length) })} items={first}>
                {() => null}
              </Part>
              {items.length >= LISTED_MAX && <p className="faint">{t('desk.requests_more', { n: count(items.length) })}</p>}
            </>
          );
        }}
      </Show>
    </main>
  );
}
