// The posts of a unit: who holds each, and the duty telephone. Whoever may read the unit sees them; the office changes them.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { PostBody, UnitBody } from '@/api/generated.schemas';
import { useMay } from '@/shared/about';
import { useHolder } from './holder';
import '@/shared/deed.css';

function Held({ p }: { p: PostBody }) {
  const { t } = useTranslation();
  const holder = useHolder();
  if (!p.holder) return <span className="faint">{t('posts.nobody')}</span>;
  return (
    <>
      {holder(p.holder)} <span className="faint small num keep">{p.until ? t('posts.from_to', { since: p.since, until: p.until }) : t('posts.from', { since: p.since })}</span>
    </>
  );
}

export function Posts({ u, day }: { u: UnitBody; day: string }) {
  const { t } = useTranslation();
  const may = useMay('unit.change', [...u.path.map((p) => p.code), u.code]);
  const to = (post: string) => `/units/${encodeURIComponent(u.code)}/post/${post}?day=${day}`;
  return (
    <section className="card" data-posts>
      <div className="card-pad posts-head">
        <h2>{t('units.posts')}</h2>
        {may && (
          <Link className="plain change-link" to={`/units/${encodeURIComponent(u.code)}/post?day=${day}`} data-new-post>
            {t('posts.add')}
          </Link>
        )}
      </div>
      {u.posts.length === 0 ? (
        <p className="card-pad faint">{t('units.no_posts')}</p>
      ) : (
        <ul className="posts">
          {u.posts.map((p) => (
            <li key={p.code} data-post={p.code}>
              <p className="post-what">
                <b>{p.name}</b> <span className="faint num small">{p.code}</span>
                <br />
                <Held p={p} />
              </p>
              {p.duty_phone ? (
                <a className="num post-phone" href={`tel:${p.duty_phone}`} aria-label={`${t('posts.phone')} ${p.duty_phone}`}>
                  {p.duty_phone}
                </a>
              ) : (
                <span className="faint">{t('posts.no_phone')}</span>
              )}
              {may && (
                <Link className="plain change-link" to={to(encodeURIComponent(p.code))} aria-label={`${t('posts.edit')} ${p.name}`}>
                  {t('posts.edit')}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
