import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { requestList, type At } from '@/api/queries';
import { count } from '@/shared/format';
import { Show } from '@/shared/State';

const SHOWN = 8;

/** What units ask for: they report because help comes back. Whose turn it is stands here when tasks have owners. */
export function Requests({ node, at }: { node: string; at: At }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const query = useQuery(requestList(node, at));
  return (
    <section className="card desk-requests" aria-labelledby="requests">
      <h2 id="requests" className="card-pad">
        {t('desk.requests')}
      </h2>
      <Show query={query}>
        {(d) =>
          d.items.length === 0 ? (
            <p className="card-pad faint">{t('desk.no_requests')}</p>
          ) : (
            <>
              <ul>
                {(all ? d.items : d.items.slice(0, SHOWN)).map((r) => (
                  <li key={r.unit.code + r.element} data-request={r.unit.code}>
                    <Link to={`/figure?node=unit:${encodeURIComponent(r.unit.code)}&day=${at.day}`}>{r.unit.name}</Link> <span className="faint small">{r.path.map((p) => p.name).join(' / ')}</span>
                    <p>{r.text}</p>
                  </li>
                ))}
              </ul>
              {d.items.length > SHOWN && (
                <p className="card-pad">
                  <button type="button" className="plain" aria-expanded={all} onClick={() => setAll(!all)}>
                    {t(all ? 'desk.requests_less' : 'desk.requests_all', { n: count(d.items.length) })}
                  </button>{' '}
                  {d.more && <span className="faint">{t('desk.requests_more', { n: count(d.items.length) })}</span>}
                </p>
              )}
            </>
          )
        }
      </Show>
    </section>
  );
}
