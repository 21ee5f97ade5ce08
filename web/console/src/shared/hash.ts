import { useEffect } from 'react';
import { useLocation } from 'react-router';

/** Brings the part of the page that the address names into sight, once it is `there`. */
export function useHash(id: string, there: boolean): void {
  const { hash } = useLocation();
  const named = there && hash === `#${id}`;
  useEffect(() => {
    if (named) document.getElementById(id)?.scrollIntoView();
  }, [named, id]);
}
