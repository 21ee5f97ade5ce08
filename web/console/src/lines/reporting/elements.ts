import { useQuery } from '@tanstack/react-query';
import { elementList } from '@/api/queries';

/** Names of elements in the reader's language; the code itself while they are not here yet. */
export function useElementName(): (code: string) => string {
  const { data } = useQuery(elementList());
  return (code) => data?.items.find((e) => e.code === code)?.name ?? code;
}
