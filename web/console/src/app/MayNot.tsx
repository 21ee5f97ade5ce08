import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { SessionBody } from '@/api/generated.schemas';
import { useAbout } from '@/shared/about';

/** What a page asks of its reader, by the first word of its address; one that is not here asks nothing. */
export const NEEDS: Record<string, string> = {
  '': 'figure.read',
  'side-by-side': 'figure.read',
  phone: 'figure.read',
  missing: 'figure.read',
  contradictions: 'figure.read',
  corrections: 'figure.read',
  figure: 'figure.read',
  brief: 'figure.read',
  notices: 'figure.read',
  parties: 'figure.read',
  catalogue: 'figure.read',
  units: 'unit.read',
  people: 'account.read',
  links: 'link.issue',
  journal: 'journal.read',
  findings: 'figure.read',
  tasks: 'figure.read',
  measures: 'figure.read',
  outbox: 'figure.read',
  check: 'figure.read',
};

/** Pages of whoever is not logged in yet. */
export const OPEN = ['login', 'forgot', 'letter'];

/** A page that the reader's roles do not open: that it is so, and whom to ask. Who has no role at all today is told that. */
export function MayNot({ session }: { session: SessionBody }) {
  const { t, i18n } = useTranslation();
  const { about } = useAbout();
  const office = about.office[i18n.language] ?? about.product;
  const none = session.permissions.length === 0;
  return (
    <main className="page page-narrow" data-may-not={none ? 'none' : 'page'}>
      <h1>{t(none ? 'may_not.none' : 'may_not.title')}</h1>
      <p>{none ? t('may_not.none_sub', { name: session.name }) : t('may_not.sub')}</p>
      <p>{t('may_not.ask', { office })}</p>
      {about.login === 'local' && (
        <p className="bare-next">
          <Link to="/me">{t('may_not.me')}</Link>
        </p>
      )}
    </main>
  );
}
