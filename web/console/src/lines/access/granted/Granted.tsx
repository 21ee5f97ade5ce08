// Who may do what at a unit: what was given there, what a post carries, and what holds from above. Asked for when it is opened.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { UnitBody } from '@/api/generated.schemas';
import { grantList } from '@/api/queries';
import { useMay } from '@/shared/about';
import { Refusal, Waiting } from '@/shared/State';
import { Rows } from './rows';
import '@/shared/deed.css';
import '../people.css';
import './granted.css';

function List({ u, sees }: { u: UnitBody; sees: boolean }) {
  const { t } = useTranslation();
  const gives = useMay('grant.give', [...u.path.map((p) => p.code), u.code]);
  const query = useInfiniteQuery(grantList({ unit: u.code }));
  const all = query.data?.pages.flatMap((page) => page.items);
  if (!all) return query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />;
  const here = all.filter((grant) => grant.unit_code === u.code);
  const above = all.filter((grant) => grant.unit_code !== u.code);
  return (
    <>
      <p className="faint">{t(sees ? 'granted.sub' : 'granted.sub_own')}</p>
      <h3>{t('granted.here')}</h3>
      {here.length === 0 ? <p className="faint">{t(sees ? 'granted.none' : 'granted.none_own')}</p> : <Rows grants={here} at={false} whose gives={gives} />}
      <h3>{t('granted.above')}</h3>
      {above.length === 0 ? <p className="faint">{t(sees ? 'granted.none_above' : 'granted.none_own')}</p> : <Rows grants={above} at whose gives={false} />}
      <p className="granted-ways">
        {query.hasNextPage && (
          <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-more>
            {t('granted.more')}
          </button>
        )}
        <Link className="change-link" to="/roles">
          {t('people.what')}
        </Link>
      </p>
    </>
  );
}

export function Granted({ u }: { u: UnitBody }) {
  const { t } = useTranslation();
  const path = [...u.path.map((p) => p.code), u.code];
  const accounts = useMay('account.read', path);
  const journal = useMay('journal.read', path);
  const [opened, setOpened] = useState(false);
  const sees = accounts || journal;
  return (
    <details className="card granted" onToggle={(e) => setOpened((was) => was || e.currentTarget.open)} data-who={u.code}>
      <summary className="card-pad">
        <h2>{t(sees ? 'granted.title' : 'granted.title_own')}</h2>
      </summary>
      <div className="card-pad">{opened && <List u={u} sees={sees} />}</div>
    </details>
  );
}
