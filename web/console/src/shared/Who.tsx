import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { accountRead } from '@/api/queries';
import { useMay, useSession } from './about';
import { useActor } from './word';

/**
 * Who did it, from the journal's reference: the login name where the reader may read that account, or where the server said it
 * (`name`); of a link, whose it is where that is known (`unit`).
 */
export function useWho(actor: string, unit?: string | null, name?: string | null): string {
  const { t } = useTranslation();
  const called = useActor();
  const may = useMay('account.read');
  const own = useSession()?.account;
  const [kind, id = ''] = actor.split(':');
  const another = kind === 'account' && id !== own;
  // An account of another part of the tree is nobody's to read here: then its reference stands.
  const account = useQuery({ ...accountRead(id), enabled: may && another && !name, staleTime: 300_000, retry: false });
  const known = name || account.data?.name;
  if (kind === 'link' && unit) return t('actor.link_of', { unit });
  if (kind === 'token' && name) return t('actor.token_of', { name });
  return another && known ? known : called(actor);
}

type Props = { actor: string; unit?: string | null | undefined; name?: string | null | undefined };

/** The same as an element, for lists. */
export function Who({ actor, unit, name }: Props) {
  return <>{useWho(actor, unit, name)}</>;
}
