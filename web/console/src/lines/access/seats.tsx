// Roles in the reader's words: which, where, since when.
import { useTranslation } from 'react-i18next';
import type { AccountBody, SeatBody } from '@/api/generated.schemas';
import { useAbout, useSession } from '@/shared/about';
import { Mark } from '@/shared/Mark';
import { useActor, useWord } from '@/shared/word';

/** A role with the unit over which it holds. */
export function Seat({ seat }: { seat: SeatBody }) {
  const { t } = useTranslation();
  const word = useWord();
  return (
    <span className="seat" data-seat={seat.role}>
      <b>{word('seat', seat.role)}</b> {seat.unit_code === '' ? t('people.whole') : seat.unit_name}
    </span>
  );
}

/** Whether its person has been in, or is let in no more. */
export function State({ a }: { a: AccountBody }) {
  const { t } = useTranslation();
  const { about } = useAbout();
  if (a.until && a.until <= about.today) return <Mark tone="quiet">{t('people.ended')}</Mark>;
  return a.entered ? <Mark tone="good">{t('people.entered')}</Mark> : <Mark tone="warn">{t('people.not_entered')}</Mark>;
}

/** Who did it, from the journal's reference; the reader is told that it was they. */
export function useWho(): (reference: string, name?: string | null) => string {
  const { t } = useTranslation();
  const actor = useActor();
  const session = useSession();
  return (reference, name) => (session && reference === `account:${session.account}` ? t('posts.you', { name: session.name }) : (name ?? actor(reference)));
}

/** From which day on, and until which; the last word is the first day on which it does not hold. */
export function useDays(): (since: string, until: string | null | undefined) => string {
  const { t } = useTranslation();
  return (since, until) => (until ? t('people.from_to', { since, until }) : t('people.from', { since }));
}

/** An instant as the server wrote it, to the minute. */
export const minute = (instant: string): string => instant.slice(0, 16).replace('T', ' ');
