// What the forms of a change share.
import { useTranslation } from 'react-i18next';
import type { UnitAt } from '@/api/queries';

export type FormProps = {
  /** The unit as it stands on the day, and the tag of that state. */
  at: UnitAt;
  /** First day of the change. */
  day: string;
  onDay: (day: string) => void;
  /** Reads the unit anew. */
  anew: () => void;
  /** The unit's own page. */
  back: string;
};

/** The page of the unit above on that day: where one is after a unit has closed. */
export const above = ({ at: { unit }, day }: FormProps): string => `/units/${encodeURIComponent(unit.parent ?? unit.code)}?day=${day}`;

const FIELDS: Record<string, string> = {
  code: 'code',
  names: 'zh_hans',
  'names.zh-Hans': 'zh_hans',
  'names.zh-Hant': 'zh_hant',
  'names.en': 'en',
  kind: 'kind',
  place: 'place',
  classes: 'classes',
  time_zone: 'time_zone',
  parent: 'parent',
  from: 'from',
  day: 'day',
};

/** The reader's word for a field of the server's; of a new unit in a split, which one. */
export function useLabel(): (field: string) => string {
  const { t } = useTranslation();
  return (field) => {
    const [, n, rest] = /^into\[(\d+)\]\.(.*)$/.exec(field) ?? [];
    const key = FIELDS[rest ?? field];
    const name = key ? t(`change.field.${key}`) : (rest ?? field);
    return n === undefined ? name : `${t('change.new_unit', { n: Number(n) + 1 })} ${name}`;
  };
}
