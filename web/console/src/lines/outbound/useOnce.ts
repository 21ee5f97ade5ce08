// A deed under an id of its own: a line that broke is tried again without doing it twice; once it is done all is read anew.
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { requestId } from '@/api/http';

export function useOnce<A, R>(act: (asked: A, once: RequestInit) => Promise<R>, done?: (answer: R) => void): UseMutationResult<R, Error, A> {
  const client = useQueryClient();
  const key = useRef({ words: '', id: '' });
  return useMutation({
    mutationFn: (asked: A) => {
      const words = JSON.stringify(asked);
      if (key.current.words !== words) key.current = { words, id: requestId() };
      return act(asked, { headers: { 'idempotency-key': key.current.id } });
    },
    onSuccess: async (answer) => {
      key.current = { words: '', id: '' };
      done?.(answer);
      await client.invalidateQueries();
    },
  });
}
