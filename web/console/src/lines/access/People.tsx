// Who may log in in the reader's part of the tree, and as what.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AccountBody } from '@/api/generated.schemas';
import { accountList } from '@/api/queries';
import { useAbout, useMay } from '@/shared/about';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import { useWord } from '@/shared/word';
import { Seat, State, useDays } from './seats';
import '@/shared/deed.css';
import './people.css';

function Row({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  const days = useDays();
  const ended = Boolean(a.until && a.until <= about.today);
  return (
    <tr data-person={a.name} className={ended ? 'person-ended' : undefined}>
      <td className="person-name">
        <Link to={`/people/${encodeURIComponent(a.id)}`}>{a.name ?? t('people.erased')}</Link>
      </td>
      <td>{a.unit_name || <span className="faint">{t('people.no_unit')}</span>}</td>
      <td>
        {a.grants.length === 0 ? (
          <span className="faint">{t('people.no_roles')}</span>
        ) : (
          <span className="seats">
            {a.grants.map((grant) => (
              <Seat key={grant.id} seat={grant} />
            ))}
          </span>
        )}
      </td>
      <td className="num faint">{days(a.since, a.until)}</td>
      <td>
        <State a={a} />
      </td>
    </tr>
  );
}

function List({ all, more }: { all: AccountBody[]; more: boolean }) {
  const { t } = useTranslation();
  const word = useWord();
  const [text, setText] = useState('');
  const wanted = text.trim().toLowerCase();
  const told = (a: AccountBody) => [a.name ?? '', a.unit_name, a.unit_code, ...a.grants.flatMap((grant) => [word('seat', grant.role), grant.unit_name, grant.unit_code])];
  const shown = wanted === '' ? all : all.filter((a) => told(a).some((words) => words.toLowerCase().includes(wanted)));
  return (
    <>
      <p className="people-find">
        <input type="search" value={text} placeholder={t('people.find')} aria-label={t('people.find')} maxLength={100} onChange={(e) => setText(e.target.value)} data-find />
        <span className="faint num" role="status">
          {t(more ? 'people.shown_more' : 'people.shown', { n: shown.length, all: all.length })}
        </span>
      </p>
      {shown.length === 0 ? (
        <Nothing>{t(all.length === 0 ? 'people.none' : 'people.none_found')}</Nothing>
      ) : (
        <div className="card">
          <table className="sheet-table people-table">
            <thead>
              <tr>
                <th>{t('people.name')}</th>
                <th>{t('people.unit')}</th>
                <th>{t('people.roles')}</th>
                <th>{t('people.days')}</th>
                <th>{t('people.person')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((a) => (
                <Row key={a.id} a={a} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}

export default function People() {
  const { t } = useTranslation();
  const adds = useMay('account.set');
  const query = useInfiniteQuery(accountList());
  const all = query.data?.pages.flatMap((page) => page.items);
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('people.title')}</h1>
        <Link to="/roles" className="change-link" data-roles>
          {t('people.what')}
        </Link>
      </div>
      <p className="faint">{t('people.sub')}</p>
      {adds && (
        <p className="people-new">
          <Link className="act" to="/people/add" data-new>
            {t('people.add')}
          </Link>
        </p>
      )}
      {all ? <List all={all} more={query.hasNextPage} /> : query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />}
      {query.hasNextPage && (
        <button type="button" className="plain people-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-more>
          {t('people.more')}
        </button>
      )}
    </main>
  );
}
