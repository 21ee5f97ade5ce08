import { useTranslation } from 'react-i18next';
import type { ActedBody } from '@/api/generated.schemas';

/** Who decided what somebody did for them; nothing where nobody did. */
export function Acted({ acted }: { acted: ActedBody | null | undefined }) {
  const { t } = useTranslation();
  if (!acted) return null;
  const when = acted.decided_at.slice(0, 16).replace('T', ' ');
  const means = t(`acting.means.${acted.means}`);
  const unit = acted.unit_name || acted.unit_code;
  return (
    <span className="acted" data-acted={acted.unit_code ?? ''}>
      ↳ {unit ? t('acting.told', { unit, post: acted.post_name || acted.post, when, means }) : t('acting.told_beyond', { when, means })}
    </span>
  );
}
