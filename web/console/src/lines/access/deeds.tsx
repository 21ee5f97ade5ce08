// Deeds at the doors of this line, and what the server says of them.
import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { requestId } from '@/api/http';

/**
 * A deed under an id of its own: a line that broke is tried again without doing it twice. Once it is done all is read anew, and the
 * same words are another deed.
 */
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

/** A deed that is asked for first: a button opens what it needs and what it means, another one does it. */
export function Asked({ name, open, label, children }: { name: string; open: string; label?: string; children: (close: () => void) => React.ReactNode }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  if (!asking) {
    return (
      <button type="button" className="plain" aria-label={label} onClick={() => setAsking(true)} data-ask={name}>
        {open}
      </button>
    );
  }
  return (
    <div className="asked" data-asked={name}>
      {children(() => setAsking(false))}
      <button type="button" className="plain" onClick={() => setAsking(false)}>
        {t('person.leave')}
      </button>
    </div>
  );
}
