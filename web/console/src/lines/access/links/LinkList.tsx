import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { linkEnd } from '@/api/generated';
import type { LinkBody } from '@/api/generated.schemas';
import { linkList } from '@/api/queries';
import { Tickbox } from '@/shared/fields';
import { Nothing, Refusal, Waiting } from '@/shared/State';
import type { Chosen } from '@/shared/UnitPick';
import { Asked, useOnce } from '../deeds';
import { minute } from '../seats';
import { useForms } from './useForms';

function Row({ link, form, onAgain }: { link: LinkBody; form: string; onAgain: (link: LinkBody) => void }) {
  const { t } = useTranslation();
  const end = useOnce((id: string, once) => linkEnd(id, {}, once));
  return (
    <tr data-link={link.unit_code}>
      <td className="person-name">
        {link.unit_name} <span className="faint num">{link.unit_code}</span>
      </td>
      <td>{form}</td>
      <td className="num" data-label={t('links.issued_at')}>
        {minute(link.issued_at)}
      </td>
      <td className="num" data-label={t('links.expires_at')}>
        {minute(link.expires_at)}
      </td>
      <td className={link.devices === 0 ? 'mark-warn' : 'num'} data-devices={link.devices}>
        {link.opened_at ? t('links.opened', { n: link.devices, when: minute(link.opened_at) }) : `◆ ${t('links.never')}`}
      </td>
      <td className="links-deeds">
        <button type="button" className="plain" aria-label={`${t('links.again')}: ${link.unit_name}`} onClick={() => onAgain(link)} data-again>
          {t('links.again')}
        </button>
        <Asked name="end" open={t('links.end')} label={`${t('links.end')}: ${link.unit_name}`}>
          {() => (
            <>
              <p>{t('links.end_sub')}</p>
              {end.isError && <Refusal error={end.error} />}
              <button type="button" className="act" disabled={end.isPending} onClick={() => end.mutate(link.id)} data-end>
                {t('links.end_go')}
              </button>
            </>
          )}
        </Asked>
      </td>
    </tr>
  );
}

/** The links of a unit and all below it that open now. */
export function LinkList({ under, onAgain }: { under: Chosen; onAgain: (link: LinkBody) => void }) {
  const { t } = useTranslation();
  const [never, setNever] = useState(false);
  const [text, setText] = useState('');
  const query = useInfiniteQuery(linkList(under.code));
  const forms = useForms();
  const all = query.data?.pages.flatMap((page) => page.items);
  if (!all) return query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting />;
  const wanted = text.trim().toLowerCase();
  const shown = all.filter((link) => (!never || link.devices === 0) && (wanted === '' || `${link.unit_name} ${link.unit_code}`.toLowerCase().includes(wanted)));
  return (
    <section className="links-list">
      <h2>{t('links.list', { unit: under.name })}</h2>
      <div className="people-find">
        <input type="search" value={text} placeholder={t('links.find')} aria-label={t('links.find')} maxLength={100} onChange={(e) => setText(e.target.value)} />
        <Tickbox name="never" label={t('links.only_never')} value={never} onValue={setNever} />
        <span className="faint num" role="status" data-shown={shown.length}>
          {t(query.hasNextPage ? 'links.count_more' : 'links.count', { n: shown.length, all: all.length })}
        </span>
      </div>
      {shown.length === 0 ? (
        <Nothing>{t(all.length === 0 && !query.hasNextPage ? 'links.none' : 'links.none_found')}</Nothing>
      ) : (
        <div className="card">
          <table className="sheet-table links-table">
            <thead>
              <tr>
                <th>{t('links.unit')}</th>
                <th>{t('links.form')}</th>
                <th>{t('links.issued_at')}</th>
                <th>{t('links.expires_at')}</th>
                <th>{t('links.devices')}</th>
                <th>
                  <span className="visually-hidden">{t('links.deeds')}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((link) => (
                <Row key={link.id} link={link} form={forms.find(([code]) => code === link.form)?.[1] ?? link.form} onAgain={onAgain} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <button type="button" className="plain people-more" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-more>
          {t('people.more')}
        </button>
      )}
    </section>
  );
}
