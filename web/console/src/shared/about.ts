// What the server says of itself, and who is looking. Read once above all pages, so that a page need not ask.
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { aboutRead, sessionRead } from '@/api/queries';
import type { At } from '@/api/queries';
import type { About, SessionBody } from '@/api/generated.schemas';

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
 * The unit at which the reader stands: what a page is about that was asked for no other. Above it a reader sees nothing.
 * An account that was made before there was a tree is at no unit: it has the whole. The frame of every page waits for the
 * session, so that no page begins with the whole and is refused it.
 */
export function useOwnUnit(): string {
  const { about } = useAbout();
  return useSession()?.unit_code || about.root;
}

/** Whether the reader sees the whole. Only for them there is a brief: it is of the whole. */
export function useSeesWhole(): boolean {
  const { about } = useAbout();
  return useOwnUnit() === about.root;
}

/** Whether the reader may file reports: for the own unit and for those below it. */
export function useMayFile(): boolean {
  const role = useSession()?.role;
  return role === 'office' || role === 'filler';
}

/** Whether the reader may read the journal of their own part. */
export function useMayInspect(): boolean {
  return useSession()?.role === 'office';
}

/** What belongs to the whole is changed only by the office at the top of the tree. */
export function useMayChangeWhole(): boolean {
  const whole = useSeesWhole();
  return useSession()?.role === 'office' && whole;
}

/** The day and form that a page is about: its address says so, or it is today. */
export function useAt(): At {
  const { about } = useAbout();
  const [params] = useSearchParams();
  return { day: params.get('day') ?? about.today, form: params.get('form') ?? about.form };
}
