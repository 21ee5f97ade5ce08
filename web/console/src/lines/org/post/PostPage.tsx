import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { UnitBody } from '@/api/generated.schemas';
import { unitAt } from '@/api/queries';
import { useAt, useMay } from '@/shared/about';
import { Nothing, Show } from '@/shared/State';
import { PostForm } from './PostForm';

/** The page of one post of a unit, or of a new one. `beside`: what another line says of one that is there. */
export default function PostPage({ beside }: { beside?: (unit: UnitBody, post: string) => React.ReactNode }) {
  const { t } = useTranslation();
  const { day } = useAt();
  const { code = '', post } = useParams();
  const query = useQuery(unitAt(code, day));
  const known = query.data?.unit.posts.find((p) => p.code === post);
  const unit = query.data?.unit.name ?? code;
  const may = useMay('unit.change', query.data && [...query.data.unit.path.map((p) => p.code), code]);
  return (
    <main className="page page-narrow">
      <Link to={`/units/${encodeURIComponent(code)}?day=${day}`}>‹ {unit}</Link>
      <h1>{post === undefined ? t('posts.title_new', { unit }) : t('posts.title', { unit, name: known?.name ?? post })}</h1>
      {!may ? (
        <p>{t('change.may_not')}</p>
      ) : (
        <>
          <p className="faint">{t('posts.about')}</p>
          <Show query={query}>
            {(at) =>
              post !== undefined && !known ? (
                <Nothing>{t('posts.none')}</Nothing>
              ) : (
                <>
                  <PostForm key={post ?? ''} at={at} known={known} day={day} anew={() => query.refetch()} />
                  {known && beside?.(at.unit, known.code)}
                </>
              )
            }
          </Show>
        </>
      )}
    </main>
  );
}
