// What stands on every page while somebody is acted for: whom, since when they decided, and the way to end it.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { act, useActing } from '@/api/acting';
import { useAbout } from '@/shared/about';
import { clockText, timeOf } from '@/shared/clock';
import './acting.css';

export function ActingBar({ account }: { account: string | null | undefined }) {
  const { t } = useTranslation();
  const { about, askedAt } = useAbout();
  const now = useActing();
  // Another account, or none any more, acts for nobody.
  const other = now !== null && account !== undefined && account !== now.account;
  useEffect(() => {
    if (other) act(null);
  }, [other]);
  if (now === null || other) return null;
  // By the office's clock, as all times on the page are.
  const end = clockText(Date.parse(about.now) + now.until - askedAt, about.now, false);
  return (
    <p className="acting-bar" role="status" data-acting={`${now.unit.code}/${now.post.code}`}>
      <span>
        <b>{t('acting.on', { unit: now.unit.name, post: now.post.name, when: timeOf(now.at), means: t(`acting.means.${now.means}`) })}</b>{' '}
        <span className="num acting-until">{t('acting.until', { time: end })}</span>
      </span>
      <button type="button" className="plain" onClick={() => act(null)} data-acting-end>
        {t('acting.end')}
      </button>
    </p>
  );
}
