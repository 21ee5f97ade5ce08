import { useQuery } from '@tanstack/react-query';
import { formList } from '@/api/generated';
import { useAbout, useMay } from '@/shared/about';
import { useNamed } from '@/shared/names';

/** Forms that are asked today, by code, with their names; none for who gives links out and reads nothing. */
export function useForms(): [code: string, name: string][] {
  const { about } = useAbout();
  const named = useNamed();
  const reads = useMay('figure.read');
  const forms = useQuery({ queryKey: ['forms'], queryFn: ({ signal }) => formList({ signal }), enabled: reads, staleTime: 60_000 }).data?.items;
  return [...new Map(forms?.filter((f) => f.since <= about.today && (!f.until || f.until > about.today)).map((f) => [f.code, named(f.names)]))];
}
