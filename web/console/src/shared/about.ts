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

/** What belongs to the whole is changed only by the office at the top of the tree. */
export function useMayChangeWhole(): boolean {
  const { about } = useAbout();
  const session = useSession();
  // An account that was made before there was a tree is at no unit: it has the whole.
  return session?.role === 'office' && (session.unit_code === '' || session.unit_code === about.root);
}

/** The day and form that a page is about: its address says so, or it is today. */
export function useAt(): At {
  const { about } = useAbout();
  const [params] = useSearchParams();
  return { day: params.get('day') ?? about.today, form: params.get('form') ?? about.form };
}
