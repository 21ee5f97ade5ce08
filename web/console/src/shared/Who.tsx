import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { accountRead } from '@/api/queries';
import { useMay, useSession } from './about';
import { useActor } from './word';

/**
 * Who did it, from the journal's reference: by the login name where the reader may read that account; of a link, whose it is
 * where that is known.
 */
export function Who({ actor, unit, name }: { actor: string; unit?: string | undefined; name?: string | null | undefined }) {
  const { t } = useTranslation();
  const called = useActor();
  const may = useMay('account.read');
  const own = useSession()?.account;
  const [kind, id = ''] = actor.split(':');
  // An account of another part of the tree is nobody's to read here: then its reference stands.
  const account = useQuery({ ...accountRead(id), enabled: may && !name && kind === 'account' && id !== own, staleTime: 300_000, retry: false });
  if (kind === 'link' && unit) return <>{t('actor.link_of', { unit })}</>;
  if (kind === 'token' && name) return <>{t('actor.token_of', { name })}</>;
  if (kind === 'account' && id !== own && (name || account.data)) return <>{name || account.data?.name}</>;
  return <>{called(actor)}</>;
}
