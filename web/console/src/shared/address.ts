import { useSearchParams } from 'react-router';

/** Changes some words of the page's address and keeps the rest; null takes a word out. The address can be sent. */
export function useAddress(): [URLSearchParams, (change: Record<string, string | null>) => void] {
  const [params, setParams] = useSearchParams();
  return [
    params,
    (change) =>
      setParams(
        (now) => {
          const next = new URLSearchParams(now);
          for (const [key, value] of Object.entries(change)) {
            if (value === null) next.delete(key);
            else next.set(key, value);
          }
          return next;
        },
        { replace: true },
      ),
  ];
}
