import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { catalogueRead, type Catalogue } from '@/api/queries';
import { Show } from '@/shared/State';
import { useMayInWhole } from '@/shared/about';
import './catalogue.css';

type Props = { part: string; title: (book: Catalogue) => string; children: (book: Catalogue, anew: () => Promise<unknown>) => React.ReactNode };

/** The frame of a page that changes the catalogue: the way back, a heading, and only for who may. */
export function Editor({ part, title, children }: Props) {
  const { t } = useTranslation();
  const may = useMayInWhole('form.set');
  const query = useQuery(catalogueRead());
  return (
    <main className="page page-narrow">
      <Link to={`/catalogue?show=${part}`}>‹ {t('catalogue.title')}</Link>
      <h1>{query.data ? title(query.data) : t('catalogue.title')}</h1>
      {may ? <Show query={query}>{(book) => children(book, () => query.refetch())}</Show> : <p>{t('catalogue.may_not')}</p>}
    </main>
  );
}
