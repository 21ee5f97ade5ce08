import { useTranslation } from 'react-i18next';
import type { BookPreview } from '@/api/generated.schemas';
import { DeedForm } from '@/shared/deed';
import { count } from '@/shared/format';

function Foreseen({ expected, says }: { expected: number | undefined; says: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <ul className="change-list">
      {says}
      {expected !== undefined && expected > 0 && <li>{t('catalogue.says.expected', { n: count(expected) })}</li>}
      {expected === 0 && (
        <li>
          <span className="mark-warn">◆ {t('catalogue.says.expected_none')}</span>
        </li>
      )}
    </ul>
  );
}

const foreseen = (preview: BookPreview, says: React.ReactNode) => <Foreseen expected={preview.expected ?? undefined} says={says} />;

/** A form that changes the catalogue: it says in its own words what it would store, and the server of how many it is asked. */
export function CatalogueForm(props: Omit<React.ComponentProps<typeof DeedForm<BookPreview>>, 'foreseen'>) {
  return <DeedForm<BookPreview> {...props} foreseen={foreseen} />;
}
