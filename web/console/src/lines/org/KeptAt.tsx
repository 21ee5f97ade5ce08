import { useTranslation } from 'react-i18next';
import type { Kept } from '@/api/generated.schemas';

/** Where an operation lies on this machine, and the command that opens it when the demonstration is over. */
export function KeptAt({ kept, next }: { kept: Kept; next?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="begin-kept" data-kept={kept.name}>
      <p>{t(next ? 'begin.will_be_kept' : 'begin.kept', { file: kept.file })}</p>
      <p className="faint small">{t('begin.reopen')}</p>
      <code>{`${kept.program} serve --database ${kept.database}`}</code>
    </div>
  );
}
