// The roles that a post carries: whoever holds it has them. Given and taken away here.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { UnitBody } from '@/api/generated.schemas';
import { grantList } from '@/api/queries';
import { useMay } from '@/shared/about';
import { Refusal, Waiting } from '@/shared/State';
import { Asked } from '../deeds';
import { GiveFields } from '../person/GiveForm';
import { Rows } from './rows';
import '@/shared/deed.css';
import '../people.css';
import './granted.css';

export function PostRoles({ u, post }: { u: UnitBody; post: string }) {
  const { t } = useTranslation();
  const gives = useMay('grant.give', [...u.path.map((p) => p.code), u.code]);
  const query = useInfiniteQuery(grantList({ post: `${u.code}/${post}` }));
  const all = query.data?.pages.flatMap((page) => page.items);
  return (
    <section className="card card-pad person" data-post-roles>
      <div>
        <h2>{t('granted.post_title')}</h2>
        <p className="faint">{t('granted.post_sub')}</p>
      </div>
      {!all ? query.isError ? <Refusal error={query.error} retry={() => void query.refetch()} /> : <Waiting /> : all.length === 0 ? <p>{t('granted.post_none')}</p> : <Rows grants={all} at whose={false} gives={gives} />}
      {query.hasNextPage && (
        <button type="button" className="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()} data-more>
          {t('granted.more')}
        </button>
      )}
      {gives && (
        <Asked name="give" open={t('granted.post_give')}>
          {(close) => <GiveFields to={{ post: `${u.code}/${post}` }} home={{ code: u.code, name: u.name }} close={close} />}
        </Asked>
      )}
    </section>
  );
}
