import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import type { SessionBody } from '@/api/generated.schemas';
import { become } from '@/api/queries';
import { startOf } from '@/shared/about';

/** Somebody was let in just now: all is asked anew as them, and they begin with what they are here for. */
export function useEntered(): (session: SessionBody) => Promise<void> {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async ({ permissions }) => {
    await become(client);
    await navigate(startOf(permissions), { replace: true });
    await client.invalidateQueries();
  };
}
