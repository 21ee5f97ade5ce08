import { useTranslation } from 'react-i18next';
import type { ElementTotal } from '@/api/generated.schemas';
import { count, delta } from '@/shared/format';

/** Yesterday's figure with how many units said it, for where no change can be told. */
export function useThen(): (value: number, said: number | null | undefined, base: number | null | undefined) => string {
  const { t } = useTranslation();
  return (value, said, base) => t('figure.then', { value: count(value), said: count(said), base: count(base) });
}

/** Today less yesterday; where other units say it than yesterday that is no change, and it is not told as one. */
export function Change({ of: f }: { of: ElementTotal }) {
  const { t } = useTranslation();
  return f.other_units ? <span className="faint">{t('figure.other_units')}</span> : <>{delta(f.value, f.yesterday)}</>;
}
