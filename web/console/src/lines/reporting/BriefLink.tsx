// From a figure of the brief to what it is made of. A frozen brief's figure opens as it was known when it was frozen,
// down to the sheet, where the revision that is in the brief is marked.
import { createContext, useContext } from 'react';
import { Link } from 'react-router';
import type { BriefDoc } from '@/api/generated.schemas';

type Of = Pick<BriefDoc, 'day' | 'frozen' | 'made_at'> & { root: string };

export const BriefOf = createContext<Of | null>(null);

/** The instant in the address: the whole second in which the brief was made is in it. */
const upTo = (at: string) => at.replace(/(:\d\d)([+-]|Z)/, '$1.999$2');

export function figureTo({ day, frozen, made_at: made, root }: Of, unit: string | undefined, element?: string): string {
  const params = new URLSearchParams({ node: `unit:${unit ?? root}`, day });
  if (element) params.set('element', element);
  if (frozen) params.set('known', upTo(made));
  return `/figure?${params.toString()}`;
}

/**
 * A figure or a unit as a link to what is behind it, `own` to the unit's own sheet; a brief that was frozen without codes
 * shows it plain.
 */
export function BriefLink({ unit, element, own, children }: { unit?: string; element?: string; own?: boolean; children: React.ReactNode }) {
  const of = useContext(BriefOf);
  if (!of || (unit === undefined && element === undefined) || unit === '' || element === '') return <>{children}</>;
  return (
    <Link className="brief-link" to={figureTo(of, unit, element) + (own ? '#sheet' : '')}>
      {children}
    </Link>
  );
}
