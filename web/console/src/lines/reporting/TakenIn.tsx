import { useTranslation } from 'react-i18next';
import type { PastBody } from '@/api/generated.schemas';
import { timeOf } from '@/shared/clock';

const SAME_MS = 60_000;

/** When a revision was taken in, where that was not when it was reported: a file of past reports says when they were. */
export function TakenIn({ revision }: { revision: PastBody }) {
  const { t } = useTranslation();
  const { at, taken_in_at: taken } = revision;
  if (Math.abs(Date.parse(taken) - Date.parse(at)) <= SAME_MS) return null;
  const day = taken.slice(0, 10);
  return (
    <span className="faint num" data-taken-in>
      {t('figure.taken_in', { at: day === at.slice(0, 10) ? timeOf(taken) : `${day} ${timeOf(taken)}` })}
    </span>
  );
}
