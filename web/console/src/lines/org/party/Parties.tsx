// Bodies beside the tree: a provincial command, a hospital, a charity, a supplier, the press.
import { useInfiniteQuery } from '@tanstack/react-query';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import type { PartyBody } from '@/api/generated.schemas';
import { partyList } from '@/api/queries';
import { useAbout, useMayInWhole } from '@/shared/about';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { useWord } from '@/shared/word';
import '@/shared/deed.css';
import './parties.css';

function Party({ p, may }: { p: PartyBody; may: boolean }) {
  const { t } = useTranslation();
  const word = useWord();
  const { about } = useAbout();
  const days = [p.opened && t('parties.since', { day: p.opened }), p.closed && t('parties.until', { day: p.closed })].filter(Boolean);
  return (
    <li data-party={p.code}>
      <p>
        <b>{p.name}</b> <span className="faint num small">{p.code}</span>
        {p.closed && p.closed <= about.today && <span className="mark-warn"> ◆ {t('parties.closed')}</span>}
      </p>
      <p className="faint">
        {word('kind', p.kind)}
        {p.place && <span className="num"> · {p.place}</span>}
        {days.map((text) => (
          <Fragment key={text}>
            {' · '}
            <span className="num keep">{text}</span>
          </Fragment>
        ))}
      </p>
      {may && (
        <Link className="plain change-link" to={`/parties/change/${encodeURIComponent(p.code)}`} aria-label={`${t('parties.edit')} ${p.name}`}>
          {t('parties.edit')}
        </Link>
      )}
    </li>
  );
}

export default function Parties() {
  const { t } = useTranslation();
  const may = useMayInWhole('party.change');
  const { state } = useLocation() as { state: { done?: boolean } | null };
  const query = useInfiniteQuery(partyList());
  const all = query.data?.pages.flatMap((page) => page.items);
  return (
    <main className="page page-narrow">
      <Link to="/units">‹ {t('nav.units')}</Link>
      <h1>{t('parties.title')}</h1>
      <p className="faint">{t('parties.sub')}</p>
      {state?.done && (
        <p className="done" role="status" data-done>
          ● {t('change.done')}
        </p>
      )}
      {may && (
        <p className="parties-new">
          <Link className="act" to="/parties/change" data-new>
            {t('parties.add')}
          </Link>
        </p>
      )}
      {all === undefined ? (
        query.isError ? (
          <Refusal error={query.error} retry={() => void query.refetch()} />
        ) : (
          <Waiting />
        )
      ) : all.length === 0 ? (
        <Nothing>{t('parties.none')}</Nothing>
      ) : (
        <ul className="card parties change-rows">
          {all.map((p) => (
            <Party key={p.code} p={p} may={may} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <button type="button" className="plain parties-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('parties.more')}
        </button>
      )}
    </main>
  );
}
