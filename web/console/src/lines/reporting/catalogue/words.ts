// Words of the catalogue that its pages share.
import { useTranslation } from 'react-i18next';
import { useWord } from '@/shared/word';

export const KINDS = ['regulator', 'department', 'group', 'firm', 'site'];

const two = (n: number) => String(n).padStart(2, '0');

/** `15:00` of minutes after midnight, and whether that is the next day. */
export const clockOf = (min: number): [time: string, next: boolean] => [`${two(Math.floor(min / 60) % 24)}:${two(min % 60)}`, min >= 1440];

/** An instant of the day, in words. */
export function useClockText(): (min: number) => string {
  const { t } = useTranslation();
  return (min) => {
    const [time, next] = clockOf(min);
    return t(next ? 'catalogue.next_at' : 'catalogue.today_at', { time });
  };
}

/** Kinds of unit, in words; none means all. */
export function useKindsText(): (kinds: string[]) => string {
  const { t } = useTranslation();
  const word = useWord();
  return (kinds) => (kinds.length === 0 ? t('catalogue.all_kinds') : kinds.map((k) => word('kind', k)).join(t('list.comma')));
}
