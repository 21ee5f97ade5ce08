import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { post } from '@/api/http';
import { briefCompare } from '@/api/queries';
import { count } from '@/shared/format';
import { Refusal } from '@/shared/State';
import { FORMATS, usePrint } from './usePrint';

function Compare({ day }: { day: string }) {
  const { t } = useTranslation();
  const query = useQuery(briefCompare(day));
  return (
    <>
      <button type="button" className="plain" onClick={() => void query.refetch()} disabled={query.isFetching} data-compare>
        {t('brief.compare')}
      </button>
      {query.isError && <Refusal error={query.error} />}
      {query.data && (
        <div className="card card-pad brief-compare" role="status">
          {query.data.differences.length === 0 ? (
            <p className="mark-good">● {t('brief.same')}</p>
          ) : (
            <>
              <p className="mark-warn">◆ {t('brief.differs', { n: query.data.differences.length })}</p>
              <ul className="brief-list num">
                {query.data.differences.map((d) => (
                  <li key={d.name + (d.unit ?? '')}>
                    {d.unit} {d.name}: {count(d.frozen)} → {count(d.now)}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </>
  );
}

/** Files of the brief, the freeze, and the comparison with what the figures say today. */
export function BriefTools({ day, frozen, ready }: { day: string; frozen: boolean; ready: boolean }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const print = usePrint(day, i18n.language);
  const freeze = useMutation({
    mutationFn: () => post(`/briefs/${day}/freeze`),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <>
      <span className="brief-files">
        {FORMATS.map((f) => (
          <button key={f} type="button" className="plain" disabled={!ready || print.busy} onClick={() => print.start(f)} data-format={f}>
            {f.toUpperCase()}
          </button>
        ))}
      </span>
      {frozen ? (
        <>
          <span className="brief-stamp">● {t('brief.frozen')}</span>
          <Compare day={day} />
        </>
      ) : (
        <button type="button" className="plain" disabled={!ready || freeze.isPending} onClick={() => freeze.mutate()} data-freeze>
          {t('brief.freeze')}
        </button>
      )}
      {print.waiting && (
        <p className="brief-wait" role="status">
          ◆ {t('brief.building', { format: print.waiting.format.toUpperCase(), s: print.waiting.seconds })}{' '}
          <button type="button" className="plain" onClick={print.stop}>
            {t('brief.stop')}
          </button>
        </p>
      )}
      {print.error !== null && <Refusal error={print.error} />}
      {freeze.isError && <Refusal error={freeze.error} />}
    </>
  );
}
