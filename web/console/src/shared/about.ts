// What the server says of itself, who is looking, and what they may do where. Read once above all pages, so that a page need not ask.
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { aboutRead, roleList, sessionRead } from '@/api/queries';
import type { At } from '@/api/queries';
import type { About, SeatBody, SessionBody } from '@/api/generated.schemas';

export function useAbout(): { about: About; askedAt: number } {
  const { data, dataUpdatedAt } = useSuspenseQuery(aboutRead());
  return { about: data, askedAt: dataUpdatedAt };
}

export function useSession(): SessionBody | null | undefined {
  const { about } = useAbout();
  // Before there is an operation there is nobody to be.
  return useQuery({ ...sessionRead(), enabled: about.begun }).data;
}

/**
 * Which of the reader's roles let them do something. Whoever has one role, or the same one at several units, may do there all
 * that the session says; of several it must be known what each lets do, and only then that is asked. Undefined until it is known.
 */
function useSeats(): ((permission: string) => SeatBody[]) | undefined {
  const session = useSession();
  const several = new Set(session?.seats.map((seat) => seat.role)).size > 1;
  const roles = useQuery({ ...roleList(), enabled: several }).data?.items;
  if (several && !roles) return undefined;
  return (permission) => {
    if (!session?.permissions.includes(permission)) return [];
    return several ? session.seats.filter((seat) => roles?.find((role) => role.role === seat.role)?.permissions.includes(permission)) : session.seats;
  };
}

/** Whether it is known what the reader may do where. */
export const useRightsKnown = (): boolean => useSeats() !== undefined;

/** Whether the reader may do something, in the words of the API (`unit.change`): somewhere, or over what lies below these units. */
export function useMay(permission: string, path?: string[]): boolean {
  const seats = useSeats()?.(permission) ?? [];
  return seats.some((seat) => path === undefined || seat.unit_code === '' || path.includes(seat.unit_code));
}

/**
 * The unit at which the reader stands: what a page is about that was asked for no other. Above it a reader sees nothing.
 * An account that was made before there was a tree is at no unit: it has the whole. Who may look at several parts begins where
 * they are at home. The frame of every page waits for the session, so that no page begins with the whole and is refused it.
 */
export function useOwnUnit(permission = 'figure.read'): string {
  const { about } = useAbout();
  const home = useSession()?.unit_code ?? '';
  const tops = useSeats()?.(permission).map((seat) => seat.unit_code) ?? [];
  if (tops.includes('') || tops.includes(about.root)) return about.root;
  return tops.includes(home) ? home : (tops[0] ?? (home || about.root));
}

/** Whether the reader sees the whole. Only for them there is a brief: it is of the whole. */
export function useSeesWhole(): boolean {
  const { about } = useAbout();
  return useOwnUnit() === about.root;
}

/** What belongs to the whole is changed only by who may do so at the top of the tree. */
export function useMayInWhole(permission: string): boolean {
  const { about } = useAbout();
  return useMay(permission, [about.root]);
}

/** Where somebody begins who asked for no page: with what they are here for. */
export function startOf(permissions: string[]): string {
  const may = (permission: string) => permissions.includes(permission);
  if (!may('figure.read')) return may('journal.read') ? '/journal' : may('account.read') ? '/people' : '/';
  // Who reports and runs nothing begins with the day's report.
  return may('report.file') && !may('unit.change') ? '/phone' : '/';
}

/** The day and form that a page is about: its address says so, or it is today. */
export function useAt(): At {
  const { about } = useAbout();
  const [params] = useSearchParams();
  return { day: params.get('day') ?? about.today, form: params.get('form') ?? about.form };
}
