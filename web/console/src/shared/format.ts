// Numbers and days as people write them.
import dayjs from 'dayjs';
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

/** A figure as the server gives it; null and absent both mean that nobody said it. */
export type Num = number | null | undefined;

/** A number, or a dash where nothing was said: a blank is never a zero. */
export function count(n: Num): string {
  return n === null || n === undefined ? '—' : n.toLocaleString(i18next.language);
}

/** Anything that can be said on a sheet. */
export function said(v: unknown): string {
  return typeof v === 'string' ? v : count(typeof v === 'number' ? v : null);
}

/** Whose figures a node's are, and of which day. */
export const whose = ({ node, day }: { node: { code: string }; day: string }): string => `${node.code} ${day}`;

/** `+3`, `−2`, `±0`; nothing where one side was not said. */
export function delta(now: Num, before: Num): string {
  if (now === null || now === undefined || before === null || before === undefined) return '';
  const d = now - before;
  return d === 0 ? '±0' : `${d > 0 ? '+' : '−'}${Math.abs(d).toLocaleString(i18next.language)}`;
}

export function percent(part: number, whole: number): string {
  if (!whole) return '—';
  // As the server writes it in the brief's sentences (`percent` in sentence.rs): to the nearest tenth, but what is not
  // all is never 100 %, and what is not nothing never 0 %.
  const tenths = Math.round((part / whole) * 1000);
  if (part < whole && tenths >= 1000) return '>99.9%';
  if (part > 0 && tenths < 1) return '<0.1%';
  return `${(tenths / 10).toFixed(1)}%`;
}

/** A day with its weekday, in the reader's order. */
export function useDayText(): (day: string) => string {
  const { t } = useTranslation();
  return (day) => dayjs(day).format(t('format.day'));
}
