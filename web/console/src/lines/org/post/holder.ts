// Who holds a post is a reference, never a name; one's own is told as such.
import { useTranslation } from 'react-i18next';
import { useAbout, useSession } from '@/shared/about';
import { useActor } from '@/shared/word';

/** The reference of whoever is looking; empty where nobody is. */
export function useOwnReference(): string {
  const { about } = useAbout();
  const session = useSession();
  return session ? `${about.login === 'demo' ? 'role' : 'account'}:${session.account}` : '';
}

/** A holder in the reader's words. */
export function useHolder(): (reference: string) => string {
  const { t } = useTranslation();
  const { about } = useAbout();
  const session = useSession();
  const own = useOwnReference();
  const actor = useActor();
  return (reference) => {
    if (reference !== own || reference === '') return actor(reference);
    return t('posts.you', { name: about.login === 'demo' ? actor(reference) : session?.name });
  };
}
